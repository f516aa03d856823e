package io.sluice.backpressure;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The live readers of one view on one event loop, with what they are to be given next. On that loop. */
final class Members {

    private final Set<Mailbox> mailboxes = new LinkedHashSet<>();
    private List<FeedEvent> next = new ArrayList<>();

    void join(Mailbox mailbox) {
        mailboxes.add(mailbox);
    }

    void quit(Mailbox mailbox) {
        mailboxes.remove(mailbox);
    }

    /** @return whether nothing was to be given before */
    boolean add(FeedEvent event) {
        next.add(event);
        return next.size() == 1;
    }

    /** Gives what is to be given: to each connection in one write, if it is not too much. */
    void deliver() {
        deliver(mailbox -> {});
    }

    /** In one pass, while what belongs to a connection is at hand: for when these are all who get something. */
    void deliverAndFlush() {
        deliver(Mailbox::flush);
    }

    private void deliver(Consumer<Mailbox> afterwards) {
        if (next.isEmpty()) {
            return;
        }
        List<FeedEvent> events = next;
        next = new ArrayList<>();
        byte[] joined = joined(events);
        for (Mailbox mailbox : mailboxes) {
            mailbox.deliver(events, joined);
            afterwards.accept(mailbox);
        }
    }

    void flush() {
        mailboxes.forEach(Mailbox::flush);
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
}
