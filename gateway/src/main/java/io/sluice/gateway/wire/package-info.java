/** How bytes that many connections share get onto the wire, past the codecs. */
@NullMarked
package io.sluice.gateway.wire;

import org.jspecify.annotations.NullMarked;
