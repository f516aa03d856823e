package io.sluice.gateway.faults;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.LogRecord;
import io.sluice.backpressure.Outcome;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolved;
import io.sluice.resolver.Resolver;
import io.sluice.resolver.Revision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What has to have become of the log: it is folded once more here, by the resolver itself, which has oracles of its own. */
final class Truth {

    private final ContextTypes types;
    private final EventCodec codec = new EventCodec(64);
    private final Map<String, Resolver> resolvers = new HashMap<>();
    private final Map<ContextKey, Remembered> remembered = new HashMap<>();
    private final Set<ContextKey> stored = new HashSet<>();
    private final Map<String, List<Version>> versions = new TreeMap<>();
    private final Map<Partition, List<Version>> visible = new HashMap<>();
    private final Map<Identity, Fate> fates = new HashMap<>();
    private final Set<String> unreadable = new HashSet<>();
    private final Set<String> deadLetters = new HashSet<>();

    Truth(ContextTypes types) {
        this.types = types;
        types.all().forEach(type -> resolvers.put(type.name(), Resolver.of(type.bounds(), type.policies())));
    }

    /** What became of all records with one identity. */
    static final class Fate {
        int records;
        /** Of these so many counted: more than one only if the one before was forgotten. */
        int effects;

        final Set<String> rejections = new TreeSet<>();
        String resolution = "";
        long firstOffset = -1;

        @Nullable
        Revision after;

        long digest;
    }

    /** The next record of its partition; null if it can be read as no event. */
    @Nullable
    Outcome fold(LogRecord record) {
        ContextType type = types.ofTopic(record.position().topic());
        ContextEvent event;
        try {
            event = codec.read(record, type);
        } catch (MalformedException e) {
            unreadable.add(record.position().toString());
            deadLetters.add(record.position().toString());
            return null;
        }
        Remembered before = remembered.getOrDefault(event.key(), Remembered.NOTHING);
        Resolved resolved = resolvers.get(type.name()).resolve(before, event, record.position());
        remembered.put(event.key(), resolved.after());
        if (resolved.after().state() != before.state() || resolved.after().registers() != before.registers()) {
            stored.add(event.key());
        }
        Outcome outcome = new Outcome(
                record.position(),
                event,
                resolved.resolution(),
                resolved.after().state(),
                record.headers().text("sluice-wait"));
        tell(outcome);
        return outcome;
    }

    private void tell(Outcome outcome) {
        ContextState after = outcome.after();
        String key = outcome.event().key().path();
        Fate fate = fates.computeIfAbsent(outcome.event().identity(), identity -> new Fate());
        fate.records++;
        fate.firstOffset = fate.firstOffset < 0 ? outcome.position().offset() : fate.firstOffset;
        switch (outcome.resolution()) {
            case Resolution.Duplicate duplicate -> {}
            case Resolution.Rejected rejected -> {
                fate.rejections.add(rejected.reason().code());
                if (outcome.waiter() == null || rejected.reason() != Resolution.Reason.CONDITION_NOT_MET) {
                    deadLetters.add(outcome.position().toString());
                }
            }
            default -> {
                fate.effects++;
                fate.resolution = outcome.resolution().kind();
                fate.after = after == null ? null : after.revision();
                fate.digest = digest(after);
            }
        }
        if (outcome.resolution() instanceof Resolution.Visible visibly) {
            Version version = new Version(
                    key,
                    visibly.next().revision(),
                    digest(visibly.next()),
                    outcome.position().offset(),
                    outcome.position().time());
            versions.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
            visible.computeIfAbsent(Partition.of(outcome.position()), p -> new ArrayList<>())
                    .add(version);
        }
    }

    static long digest(@Nullable ContextState state) {
        Document document = state == null ? null : state.document();
        return Version.digest(document == null ? null : document.tree());
    }

    /** The contexts of which something is to be stored beside the journal. */
    Set<ContextKey> stored() {
        return Collections.unmodifiableSet(stored);
    }

    Remembered remembered(ContextKey key) {
        return remembered.getOrDefault(key, Remembered.NOTHING);
    }

    /** What changed in a partition, in order. */
    List<Version> visible(Partition partition) {
        return visible.getOrDefault(partition, List.of());
    }

    @Nullable
    Fate fate(Identity identity) {
        return fates.get(identity);
    }

    Set<Identity> identities() {
        return Collections.unmodifiableSet(fates.keySet());
    }

    /** Positions of records that are no events. */
    Set<String> unreadable() {
        return Collections.unmodifiableSet(unreadable);
    }

    /** Positions of records that belong to the dead letters. */
    Set<String> deadLetters() {
        return Collections.unmodifiableSet(deadLetters);
    }

    /** All that a context has been, in order. */
    List<Version> versions(String key) {
        return versions.getOrDefault(key, List.of());
    }

    /** All that there ever was, by key. */
    Set<String> keys() {
        return Collections.unmodifiableSet(versions.keySet());
    }

    @Nullable
    Version version(String key, Revision revision) {
        int at = find(key, revision);
        return at < 0 ? null : versions(key).get(at);
    }

    /** The version before that one; null if that is the first, or is none. */
    @Nullable
    Version before(String key, Revision revision) {
        int at = find(key, revision);
        return at < 1 ? null : versions(key).get(at - 1);
    }

    private int find(String key, Revision revision) {
        List<Version> all = versions(key);
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = all.get(middle).revision().compareTo(revision);
            if (order == 0) {
                return middle;
            }
            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle - 1;
        }
        return -1;
    }

    /** What a context is in the end; null if it was never seen. */
    @Nullable
    Version last(String key) {
        List<Version> all = versions(key);
        return all.isEmpty() ? null : all.getLast();
    }

    /** What a context was at that instant. */
    @Nullable
    Version at(String key, Instant time) {
        return versions(key).reversed().stream()
                .filter(version -> !version.time().isAfter(time))
                .findFirst()
                .orElse(null);
    }

    /** What there is in the end of all contexts that are not deleted, by key. */
    Map<String, Version> end() {
        Map<String, Version> end = new TreeMap<>();
        versions.forEach((key, all) -> {
            if (!all.getLast().isDeleted()) {
                end.put(key, all.getLast());
            }
        });
        return end;
    }

    long visibleCount() {
        return versions.values().stream().mapToLong(List::size).sum();
    }
}
