package io.sluice.backpressure;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Events that go to a connection together. Safe for use by several threads. */
final class Batch {

    private final List<FeedEvent> events;
    private byte @Nullable [] joined;
    private boolean isMade;

    private Batch(List<FeedEvent> events) {
        this.events = events;
    }

    static Batch of(List<FeedEvent> events) {
        return new Batch(events);
    }

    List<FeedEvent> events() {
        return events;
    }

    /** Their frames, one behind the other; null: they are too large for one write. Made by the first event loop that asks, for all. */
    synchronized byte @Nullable [] joined() {
        if (!isMade) {
            joined = joined(events);
            isMade = true;
        }
        return joined;
    }

    private static byte @Nullable [] joined(List<FeedEvent> events) {
        if (events.size() == 1) {
            return events.getFirst().frame();
        }
        int size = events.stream().mapToInt(event -> event.frame().length).sum();
        if (size > Mailbox.WRITE_BYTES) {
            return null;
        }
        ByteArrayOutputStream joined = new ByteArrayOutputStream(size);
        events.forEach(event -> joined.writeBytes(event.frame()));
        return joined.toByteArray();
    }

    /** What a page is for each who has it: made once for all of one view who stand at one place. On the hub's thread. */
    static final class Shared {

        private record Place(Audience audience, String cursor) {}

        private final Map<Place, Batch> batches = new HashMap<>(1);

        Batch at(Audience audience, String cursor, Supplier<Batch> made) {
            Place place = new Place(audience, cursor);
            Batch known = batches.get(place);
            if (known == null) {
                known = made.get();
                batches.put(place, known);
            }
            return known;
        }
    }
}
