package io.sluice.gateway.journal;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import io.sluice.backpressure.ContextStore;
import io.sluice.backpressure.FeedSource.StatePage;
import io.sluice.backpressure.FeedSource.UpdatePage;
import io.sluice.backpressure.Folded;
import io.sluice.backpressure.Outcome;
import io.sluice.backpressure.Selection;
import io.sluice.backpressure.TopicPin;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Fingerprint;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.NoLongerKeptException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.RecentIdentities.Seen;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** What is kept for good: states, journal and progress in PostgreSQL. Safe for use by several threads. */
public final class Journal implements ContextStore {

    /** Rows of a page, at most, and about how many characters of documents. */
    private static final int PAGE_ROWS = 256;

    private static final int PAGE_CHARACTERS = 1 << 20;

    /** Of documents that cannot be had in pages, so much is read at once. */
    private static final int CUT_BYTES = 4 << 20;

    private final Database database;

    public Journal(Database database) {
        this.database = database;
    }

    /**
     * Remembers for good which topics these are.
     *
     * @return those of which it was remembered before, as they were then
     */
    public Mono<List<TopicPin>> pin(Collection<TopicPin> topics) {
        return query(
                        Sql.PIN,
                        statement -> statement.bind(0, StoreJson.topics(topics).parameter()),
                        row -> new TopicPin(Rows.text(row, "topic"), Rows.text(row, "topic_id"), (int)
                                Rows.number(row, "partitions")))
                .collectList();
    }

    @Override
    public Mono<Void> stop(String topic, String reason) {
        return query(Sql.STOP, statement -> statement.bind(0, topic).bind(1, reason), row -> 0)
                .then();
    }

    /** Topics that must not be read on, with the reasons. */
    public Mono<Map<String, String>> stopped() {
        return query(
                        Sql.STOPPED,
                        Function.identity(),
                        row -> Map.entry(Rows.text(row, "topic"), Rows.text(row, "stopped")))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    @Override
    public Mono<Progress> take(Partition partition) {
        return query(
                        Sql.TAKE,
                        statement -> statement.bind(0, partition.topic()).bind(1, partition.number()),
                        row -> new Progress(
                                partition,
                                Rows.number(row, "epoch"),
                                Rows.number(row, "next_offset"),
                                Rows.number(row, "announced_offset"),
                                Rows.time(row, "log_time")))
                .single();
    }

    @Override
    public Mono<Map<ContextKey, Remembered>> load(Collection<ContextKey> keys) {
        return query(
                        Sql.REMEMBER,
                        statement -> statement
                                .bind(0, StoreJson.keys(keys).parameter())
                                .bind(1, RecentIdentities.MAX_COUNT),
                        Journal::remembered)
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    private static Map.Entry<ContextKey, Remembered> remembered(Readable row) {
        ContextKey key = Rows.key(row, "k_");
        boolean visible = row.get("version") != null && Rows.number(row, "version") > 0;
        ContextState state = visible ? Rows.state(row) : null;
        String identities = row.get("identities", String.class);
        return Map.entry(key, new Remembered(state, Rows.registers(row, state), identities(identities)));
    }

    private static RecentIdentities identities(@Nullable String json) {
        if (json == null) {
            return RecentIdentities.NONE;
        }
        List<Seen> seen = new ArrayList<>();
        for (JsonNode entry : Json.TRUSTED.value(json.getBytes(StandardCharsets.UTF_8))) {
            Revision revision = entry.get(4).isNull()
                    ? null
                    : new Revision(entry.get(4).asLong(), entry.get(5).asLong());
            String writer = entry.get(0).asString();
            seen.add(new Seen(
                    Fingerprint.of(new Identity(writer, entry.get(1).asString())),
                    Fingerprint.parse(entry.get(2).asString()),
                    StoreJson.dot(entry.get(6), writer),
                    Instant.ofEpochMilli(
                            entry.get(3).decimalValue().movePointRight(3).longValue()),
                    revision));
        }
        Collections.reverse(seen);
        return RecentIdentities.of(seen);
    }

    @Override
    public Mono<Set<Partition>> store(List<Folded> batches) {
        return Mono.defer(() -> {
                    // Here and not on the event loop of a connection, which has others to serve.
                    var progress = StoreJson.progress(batches).parameter();
                    Columns journal = StoreJson.journal(batches);
                    Columns states = StoreJson.states(batches);
                    return query(
                                    Sql.STORE,
                                    statement -> states.bind(
                                            journal.bind(statement.bind(0, progress), 1), 1 + Sql.JOURNAL.size()),
                                    row -> new Partition(Rows.text(row, "topic"), (int) Rows.number(row, "partition")))
                            .collect(Collectors.toSet());
                })
                .onErrorMap(MalformedException.class, Failures::map);
    }

    @Override
    public Flux<Outcome> toAnnounce(Partition partition, long from, long to) {
        return query(
                Sql.TO_ANNOUNCE,
                statement -> statement
                        .bind(0, partition.topic())
                        .bind(1, partition.number())
                        .bind(2, from)
                        .bind(3, to),
                Rows::outcome);
    }

    /** The states of these contexts; one that was never written is not in the map. */
    public Mono<Map<ContextKey, ContextState>> states(Collection<ContextKey> keys) {
        return query(
                        Sql.STATES,
                        statement -> statement.bind(0, StoreJson.keys(keys).parameter()),
                        Rows::state)
                .collectMap(ContextState::key);
    }

    /** The next contexts of a type that are not deleted, by the bytes of their ids. @param limit at most; 0: a page */
    public Mono<StatePage> states(String tenant, String type, @Nullable String after, int limit) {
        int rows = limit == 0 ? PAGE_ROWS : limit;
        return query(
                        Sql.STATES_OF_TYPE,
                        statement -> statement
                                .bind(0, tenant)
                                .bind(1, type)
                                .bind(2, after == null ? "" : after)
                                .bind(3, rows)
                                .bind(4, limit == 0 ? PAGE_CHARACTERS : Integer.MAX_VALUE),
                        Rows::state)
                .collectList()
                .map(page -> new StatePage(page, page.isEmpty()));
    }

    /** The next visible changes of what a selection covers in a partition. Fails with {@link NoLongerKeptException}. */
    public Mono<UpdatePage> updates(Selection selection, Partition partition, long from) {
        boolean one = selection instanceof Selection.One;
        return query(
                        one ? Sql.UPDATES_OF_CONTEXT : Sql.UPDATES_OF_PARTITION,
                        statement -> {
                            statement
                                    .bind(0, partition.topic())
                                    .bind(1, partition.number())
                                    .bind(2, from)
                                    .bind(3, PAGE_ROWS)
                                    .bind(4, PAGE_CHARACTERS);
                            return selection instanceof Selection.One context
                                    ? statement
                                            .bind(5, context.key().tenant())
                                            .bind(6, context.key().type())
                                            .bind(7, context.key().id())
                                    : statement;
                        },
                        row -> keptUpdate(row, partition, from))
                .collectList()
                .map(rows -> rows.stream().flatMap(Optional::stream).toList())
                .map(page -> new UpdatePage(
                        page.stream().filter(update -> selection.covers(update)).toList(),
                        page.isEmpty()
                                ? from
                                : page.getLast().state().position().offset() + 1,
                        page.isEmpty()));
    }

    /** Empty: there is none, and the row says only that nothing is missing before it. */
    private static Optional<ContextUpdate> keptUpdate(Readable row, Partition partition, long from) {
        boolean known = row.get("kept_from") != null;
        if (known && Rows.number(row, "kept_from") > from) {
            throw new NoLongerKeptException(
                    "changes of " + partition + " from offset " + from + " on are no longer kept (expected: from "
                            + Rows.number(row, "kept_from") + " on)",
                    Rows.time(row, "kept_since"));
        }
        return row.get("source_offset") == null ? Optional.empty() : Optional.of(Rows.update(row));
    }

    /**
     * The visible changes of a context in which a conflict was decided, the newest first.
     *
     * @param before a source offset
     */
    public Mono<List<ContextUpdate>> conflicts(ContextKey key, long before, int limit) {
        return query(
                        Sql.CONFLICTS,
                        statement -> statement
                                .bind(0, key.tenant())
                                .bind(1, key.type())
                                .bind(2, key.id())
                                .bind(3, before)
                                .bind(4, limit),
                        Rows::update)
                .collectList();
    }

    /**
     * The visible changes of one life of a context, of which there may be more: at least one, if there is any, and of large
     * documents fewer than the limit.
     *
     * @param from and to: versions, both included
     * @param descending the newest first
     */
    public Mono<List<ContextUpdate>> versions(
            ContextKey key, long incarnation, long from, long to, boolean descending, int limit) {
        return query(
                        descending ? Sql.VERSIONS_NEWEST_FIRST : Sql.VERSIONS,
                        statement -> statement
                                .bind(0, key.tenant())
                                .bind(1, key.type())
                                .bind(2, key.id())
                                .bind(3, incarnation)
                                .bind(4, from)
                                .bind(5, to)
                                .bind(6, limit)
                                .bind(7, PAGE_CHARACTERS),
                        Rows::update)
                .collectList();
    }

    /** One visible change; none if there is no such version. */
    public Mono<ContextUpdate> version(ContextKey key, Revision revision) {
        return versions(key, revision.incarnation(), revision.version(), revision.version(), false, 1)
                .flatMap(found -> Mono.justOrEmpty(found.stream().findFirst()));
    }

    /**
     * A context as it was at a version; none if there was no such one. Fails with {@link NoLongerKeptException} if there was.
     *
     * @param incarnation 0: the latest
     */
    public Mono<ContextState> state(ContextKey key, long version, long incarnation) {
        return states(List.of(key)).mapNotNull(found -> found.get(key)).flatMap(now -> {
            Revision wanted = new Revision(incarnation == 0 ? now.revision().incarnation() : incarnation, version);
            return version(key, wanted).map(ContextUpdate::state).switchIfEmpty(Mono.defer(() -> missing(now, wanted)));
        });
    }

    private Mono<ContextState> missing(ContextState now, Revision wanted) {
        if (wanted.equals(now.revision())) {
            return Mono.just(now);
        }
        if (wanted.isAfter(now.revision())) {
            return Mono.empty();
        }
        if (wanted.incarnation() == now.revision().incarnation()) {
            return dropped(List.of(now.key()));
        }
        // Of an earlier life nobody knows how long it was but the journal.
        return versions(now.key(), wanted.incarnation(), 1, Long.MAX_VALUE, true, 1)
                .flatMap(last -> last.isEmpty() || last.getFirst().revision().isAfter(wanted)
                        ? dropped(List.of(now.key()))
                        : Mono.empty());
    }

    /** The failure that says from when on all of these contexts can be had. */
    private <T> Mono<T> dropped(Collection<ContextKey> keys) {
        return query(
                        Sql.OLDEST,
                        statement -> statement.bind(0, StoreJson.keys(keys).parameter()),
                        row -> new NoLongerKeptException(
                                "context: " + Rows.text(row, "type") + "/" + Rows.text(row, "id")
                                        + " as it was then is no longer kept (expected: version "
                                        + Rows.number(row, "version") + " of incarnation "
                                        + Rows.number(row, "incarnation") + ", of " + Rows.time(row, "log_time")
                                        + ", or later)",
                                Rows.time(row, "log_time")))
                .single()
                .flatMap(Mono::error);
    }

    /**
     * The states of these contexts after all that the log took up to that time, that included. A context that was not there is
     * not in the map. What the log took by then and is not stored yet is not seen.
     *
     * <p>Fails with {@link MalformedException} if the documents come to more than is read at once, and with
     * {@link NoLongerKeptException} if one of them has been dropped.
     */
    public Mono<Map<ContextKey, ContextState>> statesAt(Collection<ContextKey> keys, Instant time) {
        return query(
                        Sql.STATES_AT,
                        statement -> statement
                                .bind(0, StoreJson.keys(keys).parameter())
                                .bind(1, time.atOffset(ZoneOffset.UTC))
                                .bind(2, CUT_BYTES),
                        row -> new Found(
                                Rows.number(row, "found"),
                                Rows.key(row, "k_"),
                                row.get("version") == null ? null : Rows.state(row)))
                .collectList()
                .flatMap(rows -> {
                    if (!rows.isEmpty() && rows.getFirst().found() > rows.size()) {
                        throw new MalformedException(
                                "too-large",
                                "keys: documents of more than " + CUT_BYTES + " bytes together (expected: fewer keys)");
                    }
                    List<ContextKey> dropped = rows.stream()
                            .filter(row -> row.state() == null)
                            .map(Found::key)
                            .toList();
                    return dropped.isEmpty()
                            ? Mono.just(rows.stream()
                                    .map(Found::state)
                                    .collect(Collectors.toMap(ContextState::key, Function.identity())))
                            : dropped(dropped);
                });
    }

    /** @param found so many rows there are, of which these may be fewer @param state null: it was dropped */
    private record Found(
            long found, ContextKey key, @Nullable ContextState state) {}

    /**
     * A page of what became of the events of a context.
     *
     * @param beyond a source offset: the page has what is after it if ascending, else what is before it
     * @param ascending the page begins with the oldest
     */
    public Mono<JournalPage> history(ContextKey key, long beyond, boolean ascending, int limit) {
        return query(
                        ascending ? Sql.HISTORY_OLDEST_FIRST : Sql.HISTORY_NEWEST_FIRST,
                        statement -> statement
                                .bind(0, key.tenant())
                                .bind(1, key.type())
                                .bind(2, key.id())
                                .bind(3, beyond)
                                .bind(4, limit + 1)
                                .bind(5, PAGE_CHARACTERS),
                        row -> Map.entry(Rows.number(row, "found"), Rows.entry(row)))
                .collectList()
                .map(rows -> new JournalPage(
                        rows.stream().limit(limit).map(Map.Entry::getValue).toList(),
                        !rows.isEmpty() && rows.getFirst().getKey() > Math.min(limit, rows.size())));
    }

    /** Of each of these partitions the first source offset behind all that is stored and that the log took up to that time. */
    public Mono<Map<Partition, Long>> behind(Collection<Partition> partitions, Instant time) {
        return query(
                        Sql.BEHIND,
                        statement -> statement
                                .bind(0, StoreJson.partitions(partitions).parameter())
                                .bind(1, time.atOffset(ZoneOffset.UTC)),
                        Journal::next)
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    private static Map.Entry<Partition, Long> next(Readable row) {
        return Map.entry(
                new Partition(Rows.text(row, "topic"), (int) Rows.number(row, "partition")),
                Rows.number(row, "next_offset"));
    }

    /** How far these partitions are stored, and up to which log time. One of which nothing is, is not in the list. */
    public Mono<List<Stored>> stored(Collection<Partition> partitions) {
        return query(
                        Sql.PROGRESS_OF,
                        statement -> statement.bind(
                                0, StoreJson.partitions(partitions).parameter()),
                        row -> new Stored(
                                new Partition(Rows.text(row, "topic"), (int) Rows.number(row, "partition")),
                                Rows.number(row, "next_offset"),
                                Rows.time(row, "log_time"),
                                row.get("kept_since") == null ? null : Rows.time(row, "kept_since")))
                .collectList();
    }

    /**
     * @param next the offset of the first event that is not stored
     * @param time what comes after that is no earlier
     * @param keptSince from that log time on nothing was dropped; null: nothing ever was
     */
    public record Stored(
            Partition partition,
            long next,
            Instant time,
            @Nullable Instant keptSince) {}

    /** Remembers that of these partitions everything before these offsets, which is stored, is announced. */
    public Mono<Void> announced(Map<Partition, Long> next) {
        return next.isEmpty()
                ? Mono.empty()
                : query(
                                Sql.ANNOUNCED,
                                statement -> statement.bind(
                                        0,
                                        StoreJson.offsets("next_offset", next).parameter()),
                                row -> Rows.text(row, "topic"))
                        .then();
    }

    /**
     * Makes slices of the journal ahead of time, and drops those that are past it. May be called by any number of nodes at any
     * time; completes empty where another one is at it.
     *
     * @param now the time that the rest is about
     * @param slice how much log time a new slice has
     * @param retention a slice is dropped when all of it is older than that; zero: never
     * @param ends of each partition of events that is known the offset of the next record: only what is stored to its end, or a good
     *     deal further than the slice, is dropped
     */
    public Mono<Slices> keep(Instant now, Duration slice, Duration retention, Map<Partition, Long> ends) {
        return query(
                        Sql.KEEP,
                        statement -> statement
                                .bind(0, now.atOffset(ZoneOffset.UTC))
                                .bind(1, (double) slice.toSeconds())
                                .bind(2, (double) retention.toSeconds())
                                .bind(3, (double) RecentIdentities.MAX_AGE.toSeconds())
                                .bind(4, StoreJson.offsets("end_offset", ends).parameter()),
                        row -> new Slices(
                                (int) Rows.number(row, "made"),
                                (int) Rows.number(row, "dropped"),
                                (int) Rows.number(row, "slices"),
                                (int) Rows.number(row, "overdue"),
                                row.get("needed_by", String.class)))
                .next();
    }

    /**
     * @param count how many there are
     * @param overdue so many of them are past their time and still needed
     * @param neededBy for what; null: none is
     */
    public record Slices(
            int made,
            int dropped,
            int count,
            int overdue,
            @Nullable String neededBy) {}

    /** @param epoch which ownership this is @param taken where it began @param next the offset of the first event that is not stored */
    public record Ownership(long epoch, long taken, long next) {}

    /** Of each partition that was ever taken, the present one. */
    public Mono<Map<Partition, Ownership>> ownerships() {
        return query(
                        Sql.OWNERSHIPS,
                        Function.identity(),
                        row -> Map.entry(
                                new Partition(Rows.text(row, "topic"), (int) Rows.number(row, "partition")),
                                new Ownership(
                                        Rows.number(row, "epoch"),
                                        Rows.number(row, "taken_offset"),
                                        Rows.number(row, "next_offset"))))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    @Override
    public Mono<Map<Partition, Long>> progress() {
        return query(Sql.PROGRESS, Function.identity(), Journal::next)
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    private <T> Flux<T> query(String sql, Function<Statement, Statement> bind, Function<Readable, T> read) {
        return Flux.usingWhen(
                        database.pool().create(),
                        connection -> Flux.from(bind.apply(connection.createStatement(sql))
                                        .execute())
                                .concatMap(result -> result.map(row -> Failures.reading(() -> read.apply(row)))),
                        Connection::close)
                .onErrorMap(Failures::map);
    }
}
