/**
 * Decides what becomes of a write. Values in, values out: nothing here waits, logs, reads a clock or knows who called.
 * Same state and same event give the same resolution on every node.
 *
 * <p>May import: the JDK and Jackson's tree model. Nothing else.
 */
@NullMarked
package io.sluice.resolver;

import org.jspecify.annotations.NullMarked;
