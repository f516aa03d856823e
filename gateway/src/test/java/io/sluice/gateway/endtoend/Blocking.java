package io.sluice.gateway.endtoend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;

/** Finds calls that wait on threads that must not, in the gateways of this JVM. */
final class Blocking {

    private static final int FRAMES = 40;

    private static final List<String> found = Collections.synchronizedList(new ArrayList<>());

    private static boolean installed;

    private Blocking() {}

    /** To be called before any thread is there that must not wait. Does nothing when it was. */
    static synchronized void install() {
        if (installed) {
            return;
        }
        installed = true;
        BlockHound.builder()
                .loadIntegrations()
                // Reads /dev/urandom, which always has something to give.
                .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
                // The driver's own lock around its connection, held for a write.
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "decrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "lockWritersExclusive")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "unlockWritersExclusive")
                // The driver's lock on what it knows of its own interfaces: gateways of one JVM that connect at once
                // meet there.
                .allowBlockingCallsInside("io.lettuce.core.internal.AbstractInvocationHandler$MethodTranslator", "of")
                // The lock of a pool's thread around each task, for which another only tries, when the pool ends.
                .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor$Worker", "lock")
                // The lock of a pool's queue, when the pool ends: held for as long as it takes to look into it.
                .allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "size")
                .allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "remove")
                // A library that is loaded once, by the first response of a server that compresses.
                .allowBlockingCallsInside("com.github.luben.zstd.util.Native", "load")
                // A lock on a pool of buffers that several threads share, held for as long as it takes to look into it.
                .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate")
                .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator$Magazine", "free")
                .blockingMethodCallback(method -> {
                    BlockingOperationError error = new BlockingOperationError(method);
                    // Now: where the error goes through a chain, Reactor puts another stack trace in the place of this
                    // one.
                    found.add(place(error));
                    throw error;
                })
                .install();
    }

    static void requireNone() {
        List<String> all = List.copyOf(found);
        found.clear();
        if (!all.isEmpty()) {
            Map<String, Long> places = all.stream()
                    .collect(Collectors.groupingBy(place -> place, LinkedHashMap::new, Collectors.counting()));
            throw new AssertionError("Threads that must not wait were made to: "
                    + places.entrySet().stream()
                            .map(place -> place.getValue() + " times " + place.getKey())
                            .collect(Collectors.joining("\n")));
        }
    }

    private static String place(Throwable error) {
        return error.getMessage() + " "
                + Arrays.stream(error.getStackTrace())
                        .skip(2)
                        .limit(FRAMES)
                        .map(frame -> "\n    " + frame)
                        .collect(Collectors.joining());
    }
}
