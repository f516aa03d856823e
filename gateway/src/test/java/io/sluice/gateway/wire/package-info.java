@NullMarked
package io.sluice.gateway.wire;

import org.jspecify.annotations.NullMarked;
