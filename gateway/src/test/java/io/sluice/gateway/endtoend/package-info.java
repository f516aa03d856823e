/** What users hold on to, seen from outside: gateways on real parts, spoken to as anybody would. */
@NullMarked
package io.sluice.gateway.endtoend;

import org.jspecify.annotations.NullMarked;
