/** The types of contexts and how their conflicts are decided, as the settings have it. The only package that knows CEL. */
@NullMarked
package io.sluice.gateway.policy;

import org.jspecify.annotations.NullMarked;
