package io.sluice.backpressure;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The latest updates of one partition, for those who come back soon. Bounded in number and bytes. On the hub's thread. */
final class Ring {

    /** @param updates of each partition, at most @param bytes of each partition, about, at most */
    record Settings(int updates, long bytes) {}

    private static final int PAGE_UPDATES = 256;
    private static final long PAGE_BYTES = 1 << 20;

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

    /** What comes next for the selection: no more at once than a page of the journal, which a connection has room for. */
    CatchUp.Updates page(long from, Selection selection) {
        List<Published> page = new ArrayList<>();
        long size = 0;
        for (Published published : latest) {
            if (published.next() > from && isCovered(published, selection)) {
                if (page.size() == PAGE_UPDATES || size >= PAGE_BYTES) {
                    return new CatchUp.Updates(page, page.getLast().next(), false);
                }
                page.add(published);
                size += published.weight();
            }
        }
        return new CatchUp.Updates(page, from, true);
    }

    private static boolean isCovered(Published published, Selection selection) {
        return selection.covers(published.key()) && published.isReadable() && selection.covers(published.update());
    }
}
