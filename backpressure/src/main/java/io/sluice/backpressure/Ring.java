package io.sluice.backpressure;

import java.util.ArrayDeque;
import java.util.List;

/** The latest updates of one partition, for those who come back soon. Bounded in number and bytes. On the hub's thread. */
final class Ring {

    /** @param updates of each partition, at most @param bytes of each partition, about, at most */
    record Settings(int updates, long bytes) {}

    private final Settings settings;
    private final ArrayDeque<Published> latest = new ArrayDeque<>();
    private long floor;
    private long bytes;

    /** @param floor the source offset from which on nothing visible is missing */
    Ring(Settings settings, long floor) {
        this.settings = settings;
        this.floor = floor;
    }

    void add(Published published) {
        latest.add(published);
        bytes += published.weight();
        while (latest.size() > settings.updates() || bytes > settings.bytes()) {
            Published oldest = latest.remove();
            bytes -= oldest.weight();
            floor = oldest.next();
        }
    }

    /** Whether every visible change from that source offset on is here. */
    boolean covers(long from) {
        return from >= floor;
    }

    List<Published> from(long from, Selection selection) {
        return latest.stream()
                .filter(p -> p.next() > from && selection.covers(p.update().key()))
                .toList();
    }
}
