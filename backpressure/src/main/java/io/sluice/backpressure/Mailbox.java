package io.sluice.backpressure;

import java.util.AbstractQueue;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * What one reader has not read yet: exact, in order, bounded in frames and bytes.
 *
 * <p>The hub offers, the network takes, each on its own thread. A frame is taken however large it is as long as nothing else
 * waits.
 */
public final class Mailbox implements Connection {

    /** @param maxFrames that wait, at most @param maxBytes that wait, at most, but for a single larger frame */
    public record Settings(int maxFrames, long maxBytes) {
        public Settings {
            if (maxFrames < 16) {
                throw new IllegalArgumentException("mailbox frames: " + maxFrames + " (expected: >= 16)");
            }
            if (maxBytes < 1024) {
                throw new IllegalArgumentException("mailbox bytes: " + maxBytes + " (expected: >= 1024)");
            }
        }
    }

    private final Waiting waiting;
    private final Sinks.Many<byte[]> sink;

    /** @param drained told, on the thread that takes, each time when the mailbox becomes writable again */
    public Mailbox(Settings settings, Runnable drained) {
        this.waiting = new Waiting(settings, drained);
        this.sink = Sinks.many().unicast().onBackpressureBuffer(waiting);
    }

    /** The frames, for one reader. Completes when the feed ends. */
    public Flux<byte[]> frames() {
        return sink.asFlux();
    }

    @Override
    public boolean isWritable() {
        return waiting.isWritable();
    }

    @Override
    public boolean offer(byte[] frame) {
        // A reader that has gone takes everything: the hub hears of it by its own way.
        return switch (sink.tryEmitNext(frame)) {
            case FAIL_OVERFLOW, FAIL_ZERO_SUBSCRIBER -> false; // the second: full, and nobody reads yet
            default -> true;
        };
    }

    @Override
    public void clear() {
        waiting.clear();
    }

    @Override
    public void close() {
        sink.tryEmitComplete();
    }

    /** The queue of the sink: offered to by one thread, taken from by another, cleared by either. */
    private static final class Waiting extends AbstractQueue<byte[]> {

        private final Settings settings;
        private final Runnable drained;
        private final ArrayDeque<byte[]> frames = new ArrayDeque<>();
        private long bytes;
        private boolean behind;

        Waiting(Settings settings, Runnable drained) {
            this.settings = settings;
            this.drained = drained;
        }

        @Override
        public synchronized boolean offer(byte[] frame) {
            boolean fits = frames.isEmpty()
                    || (frames.size() < settings.maxFrames() && bytes + frame.length <= settings.maxBytes());
            if (fits) {
                frames.add(frame);
                bytes += frame.length;
            }
            return fits;
        }

        @Override
        public byte @Nullable [] poll() {
            byte[] frame;
            boolean writableAgain;
            synchronized (this) {
                frame = frames.poll();
                bytes -= frame == null ? 0 : frame.length;
                writableAgain = behind && hasRoom();
                if (writableAgain) {
                    behind = false;
                }
            }
            if (writableAgain) {
                drained.run();
            }
            return frame;
        }

        synchronized boolean isWritable() {
            behind = behind || !hasRoom();
            return !behind;
        }

        private boolean hasRoom() {
            return frames.size() <= settings.maxFrames() / 4 && bytes <= settings.maxBytes() / 4;
        }

        @Override
        public synchronized void clear() {
            frames.clear();
            bytes = 0;
            behind = false;
        }

        @Override
        public synchronized byte @Nullable [] peek() {
            return frames.peek();
        }

        @Override
        public synchronized int size() {
            return frames.size();
        }

        @Override
        public Iterator<byte[]> iterator() {
            return Collections.emptyIterator();
        }
    }
}
