/** How the gateway starts, stops and shows how it is. */
@NullMarked
package io.sluice.gateway.ops;

import org.jspecify.annotations.NullMarked;
