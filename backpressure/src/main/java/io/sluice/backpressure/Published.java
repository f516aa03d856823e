package io.sluice.backpressure;

import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Partition;
import org.jspecify.annotations.Nullable;

/** An update on its way out, with the bytes that all who watch share. On the hub's thread. */
final class Published {

    private final ContextUpdate update;
    private final Partition partition;
    private final long source;
    private final int weight;
    private byte @Nullable [] body;

    Published(ContextUpdate update, Partition partition, long source, int weight) {
        this.update = update;
        this.partition = partition;
        this.source = source;
        this.weight = weight;
    }

    ContextUpdate update() {
        return update;
    }

    Partition partition() {
        return partition;
    }

    /** The source offset behind it: where a cursor stands that has seen it. */
    long next() {
        return source + 1;
    }

    /** About how much memory it takes. */
    int weight() {
        return weight;
    }

    byte[] body(Encoding encoding, HubEvents events) {
        byte[] bytes = body;
        if (bytes == null) {
            bytes = encoding.update(update);
            body = bytes;
            events.encoded();
        }
        return bytes;
    }
}
