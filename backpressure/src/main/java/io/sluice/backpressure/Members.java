package io.sluice.backpressure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

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
        Batch batch = Batch.of(events);
        for (Mailbox mailbox : mailboxes) {
            mailbox.deliver(batch);
            afterwards.accept(mailbox);
        }
    }

    void flush() {
        mailboxes.forEach(Mailbox::flush);
    }
}
