package io.sluice.gateway.endtoend;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has waiting found in this JVM, from before the first of all tests. Threads of a pool that had begun to wait before that would be
 * told so only when they wake up, and die of it, with the lock of their pool.
 */
public final class BlockingExtension implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        Blocking.install();
    }
}
