package io.sluice.gateway.endtoend;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Starts the stack before the first test that needs it, stops it after the last. */
final class StackExtension implements BeforeAllCallback, AfterAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Stack.class, type -> Stack.start(), Stack.class);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Blocking.requireNone();
    }
}
