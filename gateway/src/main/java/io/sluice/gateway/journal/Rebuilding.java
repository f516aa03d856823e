package io.sluice.gateway.journal;

import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import io.sluice.backpressure.Folded;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Identity;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.Remembered;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The states of one partition on their way to be made again: beside those that there are, until {@link #finish} puts them in
 * their place in one transaction. Ended before that, nothing has changed. Blocks; for one thread.
 */
public final class Rebuilding implements AutoCloseable {

    private static final int PAGE_ROWS = 500;
    private static final int PAGE_CHARACTERS = 4 << 20;

    private final Session session;
    private final Partition partition;
    private final long from;

    /**
     * @param logBegin the first offset that the log still has: contexts with events from before, or from before what the journal
     *     has, are not folded again, but taken from the journal as they are, with what the fold knew of them if that is there
     */
    public Rebuilding(Database database, Partition partition, long logBegin) {
        this.partition = partition;
        this.session = new Session(database);
        session.execute(RepairSql.MAKE_REBUILT);
        session.execute(RepairSql.MAKE_KEPT);
        session.execute(RepairSql.EMPTY);
        long keptFrom = session.rows(RepairSql.STORED, this::bind, row -> Rows.number(row, "kept_from")).stream()
                .findFirst()
                .orElse(0L);
        this.from = Math.max(logBegin, keptFrom);
        if (from > 0) {
            session.execute(RepairSql.KEEP, statement -> bind(statement).bind(2, from));
        }
    }

    /** The offset from which on log and journal have everything. */
    public long from() {
        return from;
    }

    private Statement bind(Statement statement) {
        return statement.bind(0, partition.topic()).bind(1, partition.number());
    }

    /** How far the partition is stored now; 0 if nothing ever was. */
    public long stored() {
        return session.rows(RepairSql.STORED, this::bind, row -> Rows.number(row, "next_offset")).stream()
                .findFirst()
                .orElse(0L);
    }

    /**
     * Nobody stores anything in the partition from now until the end, and who owned it starts over then.
     *
     * @return how far it is stored
     */
    public long take() {
        session.execute("begin");
        return session.rows(RepairSql.TAKE, this::bind, row -> Rows.number(row, "next_offset")).stream()
                .findFirst()
                .orElse(0L);
    }

    /**
     * An event, and what was said of it.
     *
     * @param content the fingerprint of its change
     * @param after the context right after it; its document is there only if the change was visible. Null: it did not exist
     */
    public record Row(
            LogPosition position,
            ContextKey key,
            Identity identity,
            String content,
            String resolution,
            @Nullable ContextState after) {

        public boolean isVisible() {
            return resolution.equals("applied") || resolution.equals("merged");
        }
    }

    /** The next rows with offsets in [from, to), without contexts of which the log does not have all. */
    public List<Row> rows(long from, long to) {
        return session.rows(
                RepairSql.ROWS,
                statement -> bind(statement)
                        .bind(2, from)
                        .bind(3, to)
                        .bind(4, PAGE_ROWS)
                        .bind(5, PAGE_CHARACTERS),
                Rebuilding::row);
    }

    private static Row row(Readable row) {
        return new Row(
                Rows.position(row),
                Rows.key(row),
                new Identity(Rows.text(row, "writer"), Rows.text(row, "event_id")),
                Rows.text(row, "content"),
                Rows.text(row, "resolution"),
                row.get("version") == null ? null : Rows.state(row));
    }

    /** What was made of these contexts so far; nothing of those of which nothing was. Identities are not in it. */
    public Map<ContextKey, Remembered> load(Collection<ContextKey> keys) {
        Map<ContextKey, Remembered> loaded = new HashMap<>();
        session.rows(
                        RepairSql.REMEMBER,
                        statement -> statement.bind(0, StoreJson.keys(keys).parameter()),
                        row -> {
                            ContextState state = Rows.number(row, "version") > 0 ? Rows.state(row) : null;
                            return Map.entry(
                                    Rows.key(row),
                                    new Remembered(state, Rows.registers(row, state), RecentIdentities.NONE));
                        })
                .forEach(entry -> loaded.put(entry.getKey(), entry.getValue()));
        return loaded;
    }

    /** @param from where the log stood, for contexts of which nothing is to be seen */
    public void save(Map<ContextKey, Remembered> remembered, long from) {
        if (!remembered.isEmpty()) {
            Folded page = new Folded(partition, 0, from, from, 0, List.of(), List.of(), remembered);
            session.execute(
                    RepairSql.SAVE, statement -> StoreJson.states(List.of(page)).bind(statement, 0));
        }
    }

    /** @return how many states were not so before, those that are gone included */
    public long finish() {
        session.execute(RepairSql.RESTATE);
        long changed = session.execute(RepairSql.DELETE, this::bind) + session.execute(RepairSql.REPLACE_STATES);
        session.execute("commit");
        return changed;
    }

    @Override
    public void close() {
        session.close();
    }
}
