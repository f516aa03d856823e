package io.sluice.backpressure;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;

/** For every test: a blocking call on a thread that must not block fails there. */
public final class NoBlocking implements BeforeAllCallback {

    static {
        // A pool that is closed waits for locks of its own while its last thread ends.
        BlockHound.install(builder -> builder.allowBlockingCallsInside(
                        "java.util.concurrent.ThreadPoolExecutor", "processWorkerExit")
                .allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "size"));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Installed once, when this class is loaded.
    }
}
