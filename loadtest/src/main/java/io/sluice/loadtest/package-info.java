/**
 * Puts load on a running gateway and checks what it promises. Knows the gateway by its protocol only.
 *
 * <p>May import: the JDK. Nothing of ours.
 */
@NullMarked
package io.sluice.loadtest;

import org.jspecify.annotations.NullMarked;
