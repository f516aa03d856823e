package io.sluice.gateway.journal;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The statements of who looks the tables over, and of who makes states again. */
final class RepairSql {

    private static final Set<String> KEY = Set.of("tenant", "type", "id");

    /** Of a state, beside its key. */
    private static final List<String> NAMES = Arrays.stream(Sql.STATE_NAMES.split(",\\s*"))
            .map(String::strip)
            .filter(name -> !KEY.contains(name))
            .toList();

    private RepairSql() {}

    private static String of(String row) {
        return NAMES.stream().map(name -> row + "." + name).collect(Collectors.joining(", ")) + ", " + row
                + ".registers";
    }

    /** That two rows are of the same context. */
    private static String same(String a, String b) {
        return "%1$s.tenant = %2$s.tenant and %1$s.type = %2$s.type and %1$s.id = %2$s.id".formatted(a, b);
    }

    private static String lastVisibleOf(String row) {
        return """
            select * from journal j
            where %s and j.resolution in ('applied', 'merged')
            order by j.incarnation desc, j.version desc limit 1""".formatted(same("j", row));
    }

    /** What the state has seen since, by events that changed nothing visible. */
    private static String lastClockOf(String row) {
        return """
            select j.clock from journal j
            where %s and j.version is not null
            order by j.source_offset desc limit 1""".formatted(same("j", row));
    }

    /** From which offset on the journal has everything; tables that drop nothing do not say so. */
    private static final String KEPT_FROM = "coalesce((row_to_json(p) ->> 'kept_from')::bigint, 0) as kept_from";

    /** Where partitions stand, those that there are. */
    static final String PROGRESS =
            "select p.partition, p.next_offset, " + KEPT_FROM + " from progress p where p.topic = $1";

    /** Rows of a partition in order; of the last visible change of a context, whether there is no state of it. */
    static final String EVENTS = """
            select j.source_offset, j.tenant, j.type, j.id, j.writer, j.event_id, j.content,
              j.resolution in ('applied', 'merged')
                and not exists (select 1 from states s where %s)
                and not exists (
                  select 1 from journal n
                  where %s and n.resolution in ('applied', 'merged')
                    and (n.incarnation, n.version) > (j.incarnation, j.version)) as unstated
            from (
              select * from journal
              where topic = $1 and partition = $2 and source_offset >= $3
              order by source_offset limit $4) j
            order by j.source_offset""".formatted(same("s", "j"), same("n", "j"));

    /** What a row says of a state, all of it but the clock and what the fold remembers, as one text. */
    private static String said(String row) {
        return "row("
                + NAMES.stream()
                        .filter(name -> !name.equals("clock"))
                        .map(name -> row + "." + name)
                        .collect(Collectors.joining(", "))
                + ")::text";
    }

    /** The next states of a type, each beside the last visible row of its journal: where both stand, and digests. */
    static final String STATES = """
            select s.tenant, s.id, s.version > 0 as visible, s.source_offset,
              s.incarnation || '-' || s.version as revision, j.incarnation || '-' || j.version as expected_revision,
              hashtextextended(%s, 0) as digest,
              case when j.version is not null then hashtextextended(%s, 0) end as expected_digest,
              s.clock is not distinct from coalesce(l.clock, s.clock) as same_clock
            from (
              select * from states
              where type = $1 and (tenant, type, id) > ($2, $1, $3 collate "C")
              order by tenant, type, id limit $4) s
            left join lateral (%s) j on true
            left join lateral (%s) l on true
            order by s.tenant, s.id""".formatted(said("s"), said("j"), lastVisibleOf("s"), lastClockOf("s"));

    /** The next states that can be seen in a partition, as many as come to about {@code $6} characters of documents. */
    static final String STATES_OF_PARTITION = """
            select * from (
              select s.*, sum(coalesce(length(s.document), 0)) over (order by s.tenant, s.id)
                - coalesce(length(s.document), 0) as before
              from (
                select %s from states
                where type = $1 and partition = $2 and version > 0
                  and (tenant, type, id) > ($3, $1, $4 collate "C")
                order by tenant, type, id limit $5) s) s
            where before < $6 order by tenant, id""".formatted(Sql.STATE_NAMES);

    static final String MAKE_REBUILT = "create temp table if not exists rebuilt (like states including indexes)";

    static final String MAKE_KEPT = """
            create temp table if not exists kept (
              tenant text, type text, id text collate "C", primary key (tenant, type, id))""";

    static final String EMPTY = "truncate rebuilt, kept";

    static final String STORED =
            "select p.next_offset, " + KEPT_FROM + " from progress p where p.topic = $1 and p.partition = $2";

    /** Contexts with events before that offset, from which on everything is there: they cannot be folded from their beginning. */
    static final String KEEP = """
            insert into kept
            select tenant, type, id from journal where topic = $1 and partition = $2 and source_offset < $3
            union
            select tenant, type, id from states where topic = $1 and partition = $2 and source_offset < $3
            union
            select tenant, type, id from (
              select distinct on (tenant, type, id) tenant, type, id, incarnation, version from journal
              where topic = $1 and partition = $2 and resolution in ('applied', 'merged')
              order by tenant, type, id, source_offset) first
            where (incarnation, version) <> (1, 1)""";

    /**
     * Until the transaction ends, nobody stores anything in that partition; and who owned it before then never will. It is taken
     * where it stands, and so nobody thinks that the store has gone back.
     */
    static final String TAKE = """
            update progress set epoch = epoch + 1, taken_offset = next_offset where topic = $1 and partition = $2
            returning next_offset""";

    /** The next rows of contexts that are folded again, as many as come to about {@code $6} characters of documents. */
    static final String ROWS = """
            select * from (
              select j.*, sum(coalesce(length(j.document), 0)) over (order by j.source_offset)
                - coalesce(length(j.document), 0) as before
              from (
                select * from journal j
                where topic = $1 and partition = $2 and source_offset >= $3 and source_offset < $4
                  and not exists (select 1 from kept k where %s)
                order by source_offset limit $5) j) j
            where before < $6 order by source_offset""".formatted(same("k", "j"));

    static final String REMEMBER = """
            select s.* from json_to_recordset($1::json) as k (tenant text, type text, id text)
            join rebuilt s using (tenant, type, id)""";

    private static final String REPLACE = """
            on conflict (tenant, type, id) do update set (%s, registers) = (%s)""".formatted(String.join(", ", NAMES), of("excluded"));

    static final String SAVE = """
            insert into rebuilt (%1$s, registers)
            select %1$s, registers from %2$s
            %3$s""".formatted(Sql.STATE_NAMES, Sql.STATE.rows(1, "s"), REPLACE);

    /** Those that were kept: as the journal has them, with what the fold knew of them if that is there. */
    static final String RESTATE = """
            insert into rebuilt (tenant, type, id, %s, registers)
            select j.tenant, j.type, j.id, %s, s.registers
            from kept k
            cross join lateral (%s) j
            left join lateral (%s) l on true
            left join states s on %s""".formatted(
                    String.join(", ", NAMES),
                    NAMES.stream()
                            .map(name -> name.equals("clock") ? "coalesce(l.clock, '')" : "j." + name)
                            .collect(Collectors.joining(", ")),
                    lastVisibleOf("k"),
                    lastClockOf("k"),
                    same("s", "k"));

    static final String DELETE = """
            delete from states s
            where s.topic = $1 and s.partition = $2
              and not exists (select 1 from rebuilt r where %s)
              and not exists (select 1 from kept k where %s)""".formatted(same("r", "s"), same("k", "s"));

    /** Only what is not so already: who reads meanwhile, and who backs up afterwards, has less to do. */
    static final String REPLACE_STATES = """
            insert into states as s (%1$s, registers)
            select %1$s, registers from rebuilt
            %2$s
            where row(%3$s) is distinct from row(%4$s)""".formatted(Sql.STATE_NAMES, REPLACE, of("s"), of("excluded"));
}
