package io.sluice.gateway.journal;

import io.r2dbc.spi.Readable;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Partition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the tables say, a page at a time: at one moment, however much is stored meanwhile, or now. Blocks; for one thread. Fails with
 * {@link io.sluice.resolver.UnavailableException} if PostgreSQL does not answer, or has no such tables.
 */
public final class Audit implements AutoCloseable {

    private static final int PAGE_ROWS = 1_000;
    private static final int STATES_OF_PAGE = 256;
    private static final int CHARACTERS_OF_PAGE = 1 << 20;

    private final Session session;

    private Audit(Database database) {
        this.session = new Session(database);
    }

    /** All that is asked is answered as it was when the first question came. */
    public static Audit ofOneMoment(Database database) {
        Audit audit = new Audit(database);
        audit.session.execute("begin isolation level repeatable read, read only");
        return audit;
    }

    /** Each question is answered as it is then. */
    public static Audit ofNow(Database database) {
        return new Audit(database);
    }

    /** The states of these contexts; one of which nothing is to be seen is not in the map. */
    public Map<ContextKey, ContextState> states(Collection<ContextKey> keys) {
        Map<ContextKey, ContextState> states = new HashMap<>();
        session.rows(
                        Sql.STATES,
                        statement -> statement.bind(0, StoreJson.keys(keys).parameter()),
                        Rows::state)
                .forEach(state -> states.put(state.key(), state));
        return states;
    }

    /**
     * How far a partition is stored.
     *
     * @param next the next source offset
     * @param keptFrom the first from which on the journal has everything
     */
    public record Reach(long next, long keptFrom) {}

    /** Of a topic, by partition, of those of which anything ever was stored. */
    public Map<Integer, Reach> progress(String topic) {
        Map<Integer, Reach> reaches = new HashMap<>();
        session.rows(
                        RepairSql.PROGRESS,
                        statement -> statement.bind(0, topic),
                        row -> Map.entry(
                                (int) Rows.number(row, "partition"),
                                new Reach(Rows.number(row, "next_offset"), Rows.number(row, "kept_from"))))
                .forEach(entry -> reaches.put(entry.getKey(), entry.getValue()));
        return reaches;
    }

    /**
     * A row of the journal.
     *
     * @param content the fingerprint of its change
     * @param unstated it is the last visible change of a context of which there is no state
     */
    public record Event(long offset, ContextKey key, Identity identity, String content, boolean unstated) {}

    /** The rows of a partition, in order. */
    public Iterator<Event> events(Partition partition) {
        return new Paged<>(last -> session.rows(
                RepairSql.EVENTS,
                statement -> statement
                        .bind(0, partition.topic())
                        .bind(1, partition.number())
                        .bind(2, last == null ? 0L : last.offset() + 1)
                        .bind(3, PAGE_ROWS),
                Audit::event));
    }

    private static Event event(Readable row) {
        return new Event(
                Rows.number(row, "source_offset"),
                new ContextKey(Rows.text(row, "tenant"), Rows.text(row, "type"), Rows.text(row, "id")),
                new Identity(Rows.text(row, "writer"), Rows.text(row, "event_id")),
                Rows.text(row, "content"),
                Boolean.TRUE.equals(row.get("unstated", Boolean.class)));
    }

    /**
     * A state beside the last visible row of its journal.
     *
     * @param offset of the event that made it so
     * @param visible whether anything of it is to be seen; if not, there is no such row
     * @param expected what the row says; null: there is none
     * @param sameClock whether it has seen what the last row of its journal says
     */
    public record Stated(
            ContextKey key,
            long offset,
            boolean visible,
            Digest digest,
            @Nullable Digest expected,
            boolean sameClock) {}

    /** Where a state stands, and a digest of all that it says. */
    public record Digest(String revision, long digest) {}

    /** All states of a type, in the order of their keys. */
    public Iterator<Stated> states(String type) {
        return new Paged<>(last -> session.rows(
                RepairSql.STATES,
                statement -> statement
                        .bind(0, type)
                        .bind(1, last == null ? "" : last.key().tenant())
                        .bind(2, last == null ? "" : last.key().id())
                        .bind(3, PAGE_ROWS),
                row -> stated(type, row)));
    }

    private static Stated stated(String type, Readable row) {
        String expected = row.get("expected_revision", String.class);
        return new Stated(
                new ContextKey(Rows.text(row, "tenant"), type, Rows.text(row, "id")),
                Rows.number(row, "source_offset"),
                Boolean.TRUE.equals(row.get("visible", Boolean.class)),
                new Digest(Rows.text(row, "revision"), Rows.number(row, "digest")),
                expected == null ? null : new Digest(expected, Rows.number(row, "expected_digest")),
                Boolean.TRUE.equals(row.get("same_clock", Boolean.class)));
    }

    /** The states of a partition that can be seen, in pages of a few hundred and about a megabyte. */
    public Iterable<List<ContextState>> pages(String type, int partition) {
        return () -> new Iterator<>() {

            private List<ContextState> next = page(null);

            private List<ContextState> page(@Nullable ContextState last) {
                return session.rows(
                        RepairSql.STATES_OF_PARTITION,
                        statement -> statement
                                .bind(0, type)
                                .bind(1, partition)
                                .bind(2, last == null ? "" : last.key().tenant())
                                .bind(3, last == null ? "" : last.key().id())
                                .bind(4, STATES_OF_PAGE)
                                .bind(5, CHARACTERS_OF_PAGE),
                        Rows::state);
            }

            @Override
            public boolean hasNext() {
                return !next.isEmpty();
            }

            @Override
            public List<ContextState> next() {
                if (next.isEmpty()) {
                    throw new NoSuchElementException();
                }
                List<ContextState> page = next;
                next = page(page.getLast());
                return page;
            }
        };
    }

    /** One after the other, a page in memory at a time. */
    private static final class Paged<T> implements Iterator<T> {

        private final Function<@Nullable T, List<T>> after;
        private List<T> page;
        private int at;

        Paged(Function<@Nullable T, List<T>> after) {
            this.after = after;
            this.page = after.apply(null);
        }

        @Override
        public boolean hasNext() {
            if (at == page.size() && !page.isEmpty()) {
                page = after.apply(page.getLast());
                at = 0;
            }
            return at < page.size();
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return page.get(at++);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
