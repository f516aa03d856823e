package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;

/**
 * Fails a test in which a thread blocked that must not. The call itself goes on: an error out of nothing, amid somebody's lock
 * or static initializer, would break what is not broken.
 */
final class NoBlocking implements BeforeAllCallback, AfterEachCallback {

    private static final Queue<Throwable> FOUND = new ConcurrentLinkedQueue<>();

    private static final class Installed {
        static final boolean ONCE = install();
    }

    private static boolean install() {
        BlockHound.builder()
                .loadIntegrations()
                // Held for a few instructions: who comes then parks in it.
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "decrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "lockWritersExclusive")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "unlockWritersExclusive")
                .blockingMethodCallback(method -> FOUND.add(
                        new Throwable(method + " on " + Thread.currentThread().getName())))
                .install();
        return true;
    }

    /** What was found since the last call. */
    static List<Throwable> take() {
        List<Throwable> found = new ArrayList<>();
        for (Throwable one = FOUND.poll(); one != null; one = FOUND.poll()) {
            found.add(one);
        }
        return found;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        assertThat(Installed.ONCE).isTrue();
        take();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        for (Throwable found : take()) {
            throw new AssertionError("Blocks where it must not", found);
        }
    }
}
