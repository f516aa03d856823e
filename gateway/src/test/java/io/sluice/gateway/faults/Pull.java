package io.sluice.gateway.faults;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** What comes on a connection, one by one, to a thread that may wait. While it takes nothing, nothing is read. */
final class Pull extends BaseSubscriber<byte[]> {

    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> come = new LinkedBlockingQueue<>();

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(1);
    }

    @Override
    protected void hookOnNext(byte[] bytes) {
        if (bytes.length == 0) {
            request(1);
        } else {
            come.add(bytes);
        }
    }

    @Override
    protected void hookOnError(Throwable error) {
        come.add(END);
    }

    @Override
    protected void hookOnComplete() {
        come.add(END);
    }

    @Override
    protected void hookOnCancel() {
        come.add(END);
    }

    /** Null: that was all, or nothing came for so long. */
    byte @Nullable [] next(Duration patience) {
        try {
            byte[] bytes = come.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (bytes == null || bytes == END) {
                return null;
            }
            request(1);
            return bytes;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
