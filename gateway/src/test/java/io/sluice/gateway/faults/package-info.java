/**
 * Everything that may fail, fails while clients of all kinds work, and in the end nothing is lost, doubled, older than it may be,
 * or different anywhere. {@code docs/reliability.md} says what is done and what is looked at.
 */
@NullMarked
package io.sluice.gateway.faults;

import org.jspecify.annotations.NullMarked;
