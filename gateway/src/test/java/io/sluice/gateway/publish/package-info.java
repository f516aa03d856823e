/** How bodies with many events are cut, and what may be held of them. */
@NullMarked
package io.sluice.gateway.publish;

import org.jspecify.annotations.NullMarked;
