/** What the resolver costs by itself, measured with JMH. The one place of this module that knows another. */
@NullMarked
package io.sluice.loadtest.fold;

import org.jspecify.annotations.NullMarked;
