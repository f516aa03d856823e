package io.sluice.gateway.faults;

import io.sluice.resolver.Revision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What one client that watches was told, in order, and whether it may have been. */
final class Watch {

    /** What may be told. */
    enum Kind {
        /** A new connection: the client stands again where its last place was, or at nothing. */
        CAME,
        SNAPSHOT,
        READY,
        CHANGE,
        /** A change that was missed, of which none is left out. */
        MISSED,
        /** Of that context what is there now takes the place of what was told before; it is no older. */
        RESTART,
        RESET
    }

    /**
     * @param key of the context, if it is about one
     * @param place whether the client can come back to here
     */
    record Told(Kind kind, String key, @Nullable Revision revision, long digest, boolean place) {

        static Told word(Kind kind, boolean place) {
            return new Told(kind, "", null, 0, place);
        }

        @Override
        public String toString() {
            return kind + " " + key + " " + revision;
        }
    }

    private final String name;
    private final Predicate<String> covers;
    private final boolean every;
    private final List<Told> told = new ArrayList<>();

    /** @param every whether nothing may be left out */
    Watch(String name, Predicate<String> covers, boolean every) {
        this.name = name;
        this.covers = covers;
        this.every = every;
    }

    synchronized void tell(Told next) {
        told.add(next);
    }

    synchronized long count(Kind kind) {
        return told.stream().filter(each -> each.kind() == kind).count();
    }

    boolean covers(String key) {
        return covers.test(key);
    }

    /** Whether it shows what there is in the end. */
    boolean isAt(Truth truth) {
        return new Check(null, new Anomalies()).view().equals(end(truth));
    }

    private Map<String, Revision> end(Truth truth) {
        Map<String, Revision> end = new TreeMap<>();
        truth.end().forEach((key, version) -> {
            if (covers(key)) {
                end.put(key, version.revision());
            }
        });
        return end;
    }

    void check(Truth truth, Anomalies anomalies) {
        Map<String, Revision> view = new Check(truth, anomalies).view();
        Map<String, Revision> end = end(truth);
        Map<String, Revision> more = new TreeMap<>(view);
        more.entrySet().removeAll(end.entrySet());
        Map<String, Revision> less = new TreeMap<>(end);
        less.entrySet().removeAll(view.entrySet());
        if (!more.isEmpty() || !less.isEmpty()) {
            anomalies.add("watcher ends elsewhere", "%s: shows %s (expected: %s)", name, more, less);
        }
    }

    private record Held(Revision revision, boolean deleted) {}

    /** One way through all that was told. */
    private final class Check {

        private final @Nullable Truth truth;
        private final Anomalies anomalies;
        private final Map<String, Held> heard = new HashMap<>();
        /** What was heard before of contexts of which something was heard since the last place. */
        private final Map<String, Optional<Held>> before = new HashMap<>();

        /** So far contexts had come that were begun with anew. */
        private final Map<String, Revision> floors = new HashMap<>();

        private int at;

        Check(@Nullable Truth truth, Anomalies anomalies) {
            this.truth = truth;
            this.anomalies = anomalies;
        }

        Map<String, Revision> view() {
            synchronized (Watch.this) {
                for (Told next : told) {
                    take(next);
                    if (next.place()) {
                        before.clear();
                    }
                    at++;
                }
            }
            Map<String, Revision> view = new TreeMap<>();
            heard.forEach((key, held) -> {
                if (!held.deleted()) {
                    view.put(key, held.revision());
                }
            });
            return view;
        }

        private void take(Told next) {
            switch (next.kind()) {
                case CAME -> {
                    before.forEach(
                            (key, was) -> was.ifPresentOrElse(held -> heard.put(key, held), () -> heard.remove(key)));
                    before.clear();
                    if (!next.place()) {
                        heard.clear();
                    }
                }
                case RESET -> {
                    heard.clear();
                    before.clear();
                }
                case READY -> {}
                case RESTART -> {
                    Held was = heard.remove(next.key());
                    if (was != null) {
                        floors.put(next.key(), was.revision());
                    }
                }
                case SNAPSHOT -> {
                    require(!heard.containsKey(next.key()), "shown twice", next);
                    hear(next);
                }
                case CHANGE, MISSED -> {
                    change(next);
                    hear(next);
                }
            }
        }

        private void change(Told next) {
            Held was = heard.get(next.key());
            Revision floor = floors.remove(next.key());
            require(was == null || next.revision().isAfter(was.revision()), "does not rise", next);
            require(floor == null || !floor.isAfter(next.revision()), "takes back what it told, after " + floor, next);
            if (truth == null || (!every && next.kind() != Kind.MISSED)) {
                return;
            }
            Version last = truth.before(next.key(), next.revision());
            boolean follows = was == null
                    ? last == null || last.isDeleted()
                    : last != null && last.revision().equals(was.revision());
            require(follows, "leaves something out", next);
        }

        private void hear(Told next) {
            if (truth != null) {
                Version version = truth.version(next.key(), next.revision());
                require(version != null && version.digest() == next.digest(), "was never so", next);
            }
            require(covers(next.key()), "was not asked for", next);
            Held was = heard.put(next.key(), new Held(next.revision(), next.digest() == Version.DELETED));
            before.putIfAbsent(next.key(), Optional.ofNullable(was));
        }

        private void require(boolean holds, String what, Told next) {
            if (!holds) {
                anomalies.add("watcher: " + what, "%s, word %d: %s, after %s", name, at, next, heard.get(next.key()));
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
