package io.sluice.backpressure;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** All who watch one view: those who still catch up one by one, the live ones by event loop. On the hub's thread. */
final class Audience {

    private final View view;
    private final Set<Subscriber> all = new LinkedHashSet<>();
    private final Set<Subscriber> early = new LinkedHashSet<>();
    private final Map<Outbox, Members> live = new HashMap<>();

    Audience(View view) {
        this.view = view;
    }

    View view() {
        return view;
    }

    Set<Subscriber> all() {
        return all;
    }

    /** Those who are not live. */
    Set<Subscriber> early() {
        return early;
    }

    /** From the next update on it has what all have. */
    void goLive(Subscriber subscriber) {
        early.remove(subscriber);
        Outbox outbox = subscriber.outbox();
        Members members = live.computeIfAbsent(outbox, any -> new Members());
        Mailbox mailbox = subscriber.mailbox();
        outbox.run(mailbox, () -> members.join(mailbox));
    }

    void stopLive(Subscriber subscriber) {
        Members members = live.get(subscriber.outbox());
        if (members != null) {
            Mailbox mailbox = subscriber.mailbox();
            subscriber.outbox().run(mailbox, () -> members.quit(mailbox));
        }
    }

    void enter(Subscriber subscriber) {
        all.add(subscriber);
        early.add(subscriber);
    }

    /** @return whether it was there */
    boolean leave(Subscriber subscriber) {
        stopLive(subscriber);
        early.remove(subscriber);
        return all.remove(subscriber);
    }

    /** To all who are live. */
    void deliver(FeedEvent event) {
        live.forEach((outbox, members) -> outbox.deliver(members, event));
    }
}
