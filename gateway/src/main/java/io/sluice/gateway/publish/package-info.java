/** Changes that come in over HTTP. */
@NullMarked
package io.sluice.gateway.publish;

import org.jspecify.annotations.NullMarked;
