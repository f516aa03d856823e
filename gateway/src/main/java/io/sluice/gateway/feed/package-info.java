/** Contexts that are read and watched over HTTP. */
@NullMarked
package io.sluice.gateway.feed;

import org.jspecify.annotations.NullMarked;
