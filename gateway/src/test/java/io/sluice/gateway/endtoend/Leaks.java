package io.sluice.gateway.endtoend;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Watches every buffer of this JVM from its allocation until it is released or lost. */
final class Leaks implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    private final ListAppender<ILoggingEvent> reports = new ListAppender<>();
    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();

    private Leaks() {
        reports.start();
        logger.addAppender(reports);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    static Leaks watch() {
        return new Leaks();
    }

    /** What was lost so far: it is found when the collector has been through, and other buffers are allocated. */
    List<String> found() {
        for (int i = 0; i < 4; i++) {
            System.gc();
            for (int k = 0; k < 64; k++) {
                PooledByteBufAllocator.DEFAULT.directBuffer(8).release();
            }
        }
        synchronized (reports) {
            return List.copyOf(reports.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(message -> message.contains("LEAK"))
                    .toList();
        }
    }

    /** Loses a buffer. */
    static void lose() {
        ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(8);
        lost.writeByte(1);
    }

    @Override
    public void close() {
        ResourceLeakDetector.setLevel(before);
        logger.detachAppender(reports);
    }
}
