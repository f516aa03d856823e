/**
 * Simulations for Gatling: load on any running gateway, and a report of it. What every watcher gets is checked against what was
 * acknowledged. Knows the gateway by its protocol only.
 *
 * <p>May import: Gatling, Jackson 2 (which it brings), {@code io.sluice.loadtest}. Nothing else of ours.
 */
@NullMarked
package io.sluice.loadtest.simulation;

import org.jspecify.annotations.NullMarked;
