/** Looks over what is stored, and makes again what follows from something else. On a thread of its own, which may wait. */
@NullMarked
package io.sluice.gateway.repair;

import org.jspecify.annotations.NullMarked;
