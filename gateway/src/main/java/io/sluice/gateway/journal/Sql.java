package io.sluice.gateway.journal;

/** The statements. Each is one round trip, and a transaction by itself. */
final class Sql {

    private static final String STATE_COLUMNS = """
            tenant text, type text, id text, incarnation bigint, version bigint, document text, clock text, writer text,
            event_id text, event_type text, event_time timestamptz, correlation_id text, causation_id text,
            traceparent text, schema_version text, topic text, partition int, source_offset bigint,
            log_time timestamptz, marks text""";

    static final String STATE_NAMES = """
            tenant, type, id, incarnation, version, document, clock, writer, event_id, event_type, event_time,
            correlation_id, causation_id, traceparent, schema_version, topic, partition, source_offset, log_time, marks""";

    private static final String JOURNAL_NAMES = """
            topic, partition, source_offset, log_time, tenant, type, id, resolution, reason, detail, incarnation, version,
            document, delta, conflicts, clock, change, causality, writer, event_id, event_type, event_time, correlation_id,
            causation_id, traceparent, schema_version, content, waiter, marks, operations""";

    private static final String JOURNAL_COLUMNS = """
            topic text, partition int, source_offset bigint, log_time timestamptz, tenant text, type text, id text,
            resolution text, reason text, detail text, incarnation bigint, version bigint, document text, delta text,
            conflicts text, clock text, change text, causality text, writer text, event_id text, event_type text,
            event_time timestamptz, correlation_id text, causation_id text, traceparent text, schema_version text,
            content text, waiter text, marks text, operations text""";

    private static final String PAST_NAMES = """
            topic, partition, source_offset, log_time, resolution, reason, detail, incarnation, version, delta, conflicts,
            change, writer, event_id, event_type, event_time, correlation_id, causation_id, traceparent, schema_version,
            clock, causality, operations""";

    static final Columns.Shape JOURNAL = Columns.Shape.of(JOURNAL_COLUMNS);

    static final Columns.Shape STATE = Columns.Shape.of(STATE_COLUMNS + ", registers text");

    private Sql() {}

    /** What was pinned before; what was not, is now. */
    static final String PIN = """
            with given as (
              select * from json_to_recordset($1::json) as g (topic text, topic_id text, partitions int)),
            pinned as (
              insert into topics (topic, topic_id, partitions) select topic, topic_id, partitions from given
              on conflict (topic) do nothing)
            select t.topic, t.topic_id, t.partitions from topics t join given using (topic)""";

    static final String STOP = "update topics set stopped = coalesce(stopped, $2) where topic = $1";

    static final String STOPPED = "select topic, stopped from topics where stopped is not null";

    static final String TAKE = """
            insert into progress (topic, partition, epoch, next_offset, announced_offset) values ($1, $2, 1, 0, 0)
            on conflict (topic, partition) do update set epoch = progress.epoch + 1, taken_offset = progress.next_offset
            returning epoch, next_offset, announced_offset, log_time""";

    /**
     * Only partitions whose progress stands where their batch began, under the same epoch, are moved; only of those are rows
     * written. The last part finds what an earlier try, whose answer was lost, has moved already: it sees the table as it was
     * before this statement.
     */
    static final String STORE =
            """
            with wanted as (
              select * from json_to_recordset($1::json) as w (
                topic text, partition int, epoch bigint, from_offset bigint, next_offset bigint, announced_offset bigint,
                log_time timestamptz)),
            moved as (
              update progress p
              set next_offset = w.next_offset, announced_offset = greatest(p.announced_offset, w.announced_offset),
                log_time = coalesce(w.log_time, p.log_time)
              from wanted w
              where p.topic = w.topic and p.partition = w.partition
                and p.epoch = w.epoch and p.next_offset = w.from_offset
              returning p.topic, p.partition),
            journaled as (
              insert into journal (%1$s)
              select %1$s from %2$s join moved using (topic, partition)),
            stated as (
              insert into states (%3$s, registers)
              select %3$s, registers from %4$s
              join moved using (topic, partition)
              on conflict (tenant, type, id) do update set
                (incarnation, version, document, clock, writer, event_id, event_type, event_time, correlation_id,
                 causation_id, traceparent, schema_version, topic, partition, source_offset, log_time, marks, registers)
                = (excluded.incarnation, excluded.version, excluded.document, excluded.clock, excluded.writer,
                   excluded.event_id, excluded.event_type, excluded.event_time, excluded.correlation_id,
                   excluded.causation_id, excluded.traceparent, excluded.schema_version, excluded.topic,
                   excluded.partition, excluded.source_offset, excluded.log_time, excluded.marks, excluded.registers))
            select topic, partition from moved
            union all
            select p.topic, p.partition from progress p join wanted w using (topic, partition)
            where p.epoch = w.epoch and p.next_offset = w.next_offset""".formatted(JOURNAL_NAMES, JOURNAL.rows(2, "j"), STATE_NAMES, STATE.rows(2 + JOURNAL.size(), "s"));

    /** States with the identities that were folded into them last, newest first, as one JSON array each. */
    static final String REMEMBER = """
            select s.*, k.tenant as k_tenant, k.type as k_type, k.id as k_id, (
              select json_agg(json_build_array(
                j.writer, j.event_id, j.content, extract(epoch from j.log_time), j.incarnation, j.version, j.causality))
              from (
                select * from journal j
                where j.tenant = k.tenant and j.type = k.type and j.id = k.id
                  and j.resolution in ('applied', 'merged', 'superseded', 'unchanged')
                order by j.source_offset desc
                limit $2) j)::text as identities
            from json_to_recordset($1::json) as k (tenant text, type text, id text)
            left join states s using (tenant, type, id)""";

    static final String STATES = """
            select %s from json_to_recordset($1::json) as k (tenant text, type text, id text)
            join states s using (tenant, type, id)
            where version > 0""".formatted(STATE_NAMES);

    /** As many rows as come to about {@code $5} characters of documents, at least one, at most {@code $4}. */
    static final String STATES_OF_TYPE = """
            select * from (
              select s.*, sum(length(s.document)) over (order by s.id) - length(s.document) as before
              from (
                select %s from states
                where tenant = $1 and type = $2 and document is not null and id > $3
                order by id limit $4) s) s
            where before < $5 order by id""".formatted(STATE_NAMES);

    static final String TO_ANNOUNCE = """
            select * from journal
            where topic = $1 and partition = $2 and source_offset >= $3 and source_offset < $4
              and (resolution in ('applied', 'merged') or waiter is not null)
            order by source_offset""";

    static final String UPDATES_OF_PARTITION = updates("");

    static final String UPDATES_OF_CONTEXT = updates("and tenant = $6 and type = $7 and id = $8");

    /** One row at least, which says from where on the journal of that partition is kept. */
    private static String updates(String condition) {
        return """
            select p.kept_from, p.kept_since, j.*
            from (select max(kept_from) as kept_from, max(kept_since) as kept_since
              from progress where topic = $1 and partition = $2) p
            left join (
              select j.*, sum(coalesce(length(j.document), 0)) over (order by j.source_offset)
                - coalesce(length(j.document), 0) as before
              from (
                select * from journal
                where topic = $1 and partition = $2 and source_offset >= $3
                  and resolution in ('applied', 'merged') %s
                order by source_offset limit $4) j) j on before < $5
            order by j.source_offset""".formatted(condition);
    }

    static final String CONFLICTS = """
            select * from journal
            where tenant = $1 and type = $2 and id = $3 and conflicts is not null and source_offset < $4
            order by source_offset desc limit $5""";

    static final String VERSIONS = versions("asc");

    static final String VERSIONS_NEWEST_FIRST = versions("desc");

    /** The visible changes of one life of a context in a range of versions, both ends included; bounded as states of a type. */
    private static String versions(String order) {
        return """
            select * from (
              select j.*, sum(coalesce(length(j.document), 0)) over (order by j.version %1$s)
                - coalesce(length(j.document), 0) as before
              from (
                select * from journal
                where tenant = $1 and type = $2 and id = $3 and incarnation = $4 and version between $5 and $6
                  and resolution in ('applied', 'merged')
                order by version %1$s limit $7) j) j
            where before < $8 order by version %1$s""".formatted(order);
    }

    /**
     * All events of a context with what became of them, beyond a source offset; bounded as states of a type, but in bytes, which
     * are known without reading the documents.
     */
    static final String HISTORY_NEWEST_FIRST = history("<", "desc");

    static final String HISTORY_OLDEST_FIRST = history(">", "asc");

    private static String history(String beyond, String order) {
        return """
            select * from (
              select j.*, count(*) over () as found, sum(j.size) over (order by j.source_offset %2$s) - j.size as before
              from (
                select %3$s, case when shows then document end as document,
                  coalesce(octet_length(delta), 0) + coalesce(octet_length(conflicts), 0)
                    + coalesce(octet_length(operations), 0)
                    + case when shows then coalesce(octet_length(document), 0) else 0 end as size
                from (
                  select *, delta is null and resolution in ('applied', 'merged') as shows from journal
                  where tenant = $1 and type = $2 and id = $3 and source_offset %1$s $4
                  order by source_offset %2$s limit $5) j) j) j
            where before < $6 order by source_offset %2$s""".formatted(beyond, order, PAST_NAMES);
    }

    private static final String VISIBLE = """
            j.tenant = s.tenant and j.type = s.type and j.id = s.id and j.incarnation = s.incarnation
              and j.resolution in ('applied', 'merged')""";

    /**
     * The states of contexts as they were at a time. Of each context the last life that had begun by then, and in it, by
     * bisection, the last version: log time does not fall. So a context with many versions costs a few look-ups, and between two
     * versions only the slices between their times are looked at. Versions that are not there were dropped, and are older than all
     * that are: where such a one is what is asked for, only the key is in the row, unless it is the present state.
     */
    static final String STATES_AT = """
            with recursive lives as (
              select s.tenant, s.type, s.id, s.incarnation,
                case when s.log_time <= $2 then s.version else greatest(s.version - 1, 1) end as last, s.log_time as until,
                case when s.version = 1 then s.log_time else (
                  select j.log_time from journal j where %1$s and j.version = 1) end as begun
              from json_to_recordset($1::json) as k (tenant text, type text, id text)
              join states s using (tenant, type, id)
              where s.version > 0
              union all
              select s.tenant, s.type, s.id, s.incarnation, coalesce((
                select j.version from journal j where %1$s order by j.version desc limit 1), 1), s.begun, (
                select j.log_time from journal j where %1$s and j.version = 1)
              from (
                select l.tenant, l.type, l.id, l.incarnation - 1 as incarnation, l.begun from lives l
                where l.begun > $2 and l.incarnation > 1) s),
            bisected as (
              select tenant, type, id, incarnation, case when until <= $2 then last else 1 end as low, last as high,
                coalesce(begun, '-infinity') as since, until
              from lives where begun is null or begun <= $2
              union all
              select m.tenant, m.type, m.id, m.incarnation,
                case when m.time > $2 then m.low else m.middle end,
                case when m.time > $2 then m.middle - 1 else m.high end,
                case when m.time <= $2 then m.time else m.since end,
                case when m.time > $2 then m.time else m.until end
              from (
                select s.*, (
                  select j.log_time from journal j
                  where %1$s and j.version = s.middle and j.log_time between s.since and s.until) as time
                from (select b.*, (b.low + b.high + 1) / 2 as middle from bisected b where b.low < b.high) s
                offset 0) m) -- or it would be looked up wherever it is named
            select * from (
              select s.tenant as k_tenant, s.type as k_type, s.id as k_id, j.*, count(*) over () as found,
                sum(coalesce(octet_length(j.document), 0)) over (order by s.type, s.id)
                  - coalesce(octet_length(j.document), 0) as before
              from bisected s
              left join lateral (
                select %2$s from journal j where %1$s and j.version = s.low
                union all
                select %2$s from states j
                where j.tenant = s.tenant and j.type = s.type and j.id = s.id and j.incarnation = s.incarnation
                  and j.version = s.low
                limit 1) j on true
              where s.low = s.high) j
            where before < $3""".formatted(VISIBLE, STATE_NAMES);

    /** The first state that is kept of each context: of a visible change in the journal, else the present one. */
    static final String OLDEST = """
            select s.tenant, s.type, s.id, coalesce(j.incarnation, s.incarnation) as incarnation,
              coalesce(j.version, s.version) as version, coalesce(j.log_time, s.log_time) as log_time
            from json_to_recordset($1::json) as k (tenant text, type text, id text)
            join states s using (tenant, type, id)
            left join lateral (
              select j.incarnation, j.version, j.log_time from journal j
              where j.tenant = s.tenant and j.type = s.type and j.id = s.id and j.resolution in ('applied', 'merged')
              order by j.incarnation, j.version limit 1) j on true
            where s.version > 0
            order by log_time desc limit 1""";

    /** Of each partition, by bisection, the first offset behind all that the log took up to a time: log time does not fall. */
    static final String BEHIND = """
            with recursive bisected as (
              select p.topic, p.partition, case when p.kept_since <= $2 then p.kept_from else 0 end as low,
                p.next_offset as high
              from json_to_recordset($1::json) as k (topic text, partition int)
              join progress p using (topic, partition)
              union all
              select m.topic, m.partition,
                case when m.time <= $2 then m.found + 1 else m.low end,
                case when m.time <= $2 then m.high else m.middle end
              from (
                select s.*, r.found, r.time
                from (select b.*, (b.low + b.high) / 2 as middle from bisected b where b.low < b.high) s
                left join lateral (
                  select j.source_offset as found, j.log_time as time from journal j
                  where j.topic = s.topic and j.partition = s.partition
                    and j.source_offset >= s.middle and j.source_offset < s.high
                  order by j.source_offset limit 1) r on true) m)
            select topic, partition, low as next_offset from bisected where low = high""";

    static final String PROGRESS_OF = """
            select p.topic, p.partition, p.next_offset, p.log_time, p.kept_since
            from json_to_recordset($1::json) as k (topic text, partition int)
            join progress p using (topic, partition)""";

    /** Waits for nobody, so that nobody can wait for it in a circle: who is stored just now says it with that. */
    static final String ANNOUNCED = """
            update progress p set announced_offset = a.next_offset
            from (
              select q.topic, q.partition, k.next_offset
              from json_to_recordset($1::json) as k (topic text, partition int, next_offset bigint)
              join progress q using (topic, partition)
              where q.announced_offset < k.next_offset and k.next_offset <= q.next_offset
              for update of q skip locked) a
            where p.topic = a.topic and p.partition = a.partition
            returning p.topic""";

    static final String KEEP = """
            select * from journal_keep(
              $1, make_interval(secs => $2::float8), case when $3::float8 > 0 then make_interval(secs => $3::float8) end,
              make_interval(secs => $4::float8), $5::json)""";

    static final String OWNERSHIPS = "select topic, partition, epoch, taken_offset, next_offset from progress";

    static final String PROGRESS = "select topic, partition, next_offset from progress";
}
