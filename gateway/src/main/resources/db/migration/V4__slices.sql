-- The schema of a change, in the words of its writer.
alter table states add column schema_version text;
alter table journal add column schema_version text;

-- What is no longer in the journal of a partition of events, since slices of it were dropped.
alter table progress
  add column kept_from  bigint not null default 0, -- the first source offset from which on nothing is missing
  add column kept_since timestamptz;               -- and the log time; null: nothing was ever dropped

-- From here on the journal is cut into slices by log time, so that what is past its time goes as files and not row by row. Kafka's
-- partitions have that word already. What was written before is the first slice, as it is: only its primary key is made anew. The
-- slices leave no gap and have no end on either side, so there is one for every log time; without a default one among them
-- PostgreSQL knows that they are in order.
alter table journal rename to journal_before;
alter table journal_before drop constraint journal_pkey;
alter table journal_before add primary key (topic, partition, source_offset, log_time);
alter index journal_of_context rename to journal_before_of_context;
alter index journal_of_conflicts rename to journal_before_of_conflicts;
alter index journal_of_versions rename to journal_before_of_versions;

create table journal (like journal_before) partition by range (log_time);

-- Log time is in it because PostgreSQL wants that. That a place in the log is written once is assured by progress: rows go in only with
-- the statement that moves it from the first of their offsets to behind the last.
alter table journal add primary key (topic, partition, source_offset, log_time);
create index journal_of_context on journal (tenant, type, id, source_offset);
create index journal_of_conflicts on journal (tenant, type, id, source_offset) where conflicts is not null;
create index journal_of_versions on journal (tenant, type, id, incarnation, version)
  where resolution in ('applied', 'merged');

do $$
declare
  bound constant timestamptz := date_trunc('day', now(), 'UTC') + interval '24 hours';
begin
  execute format('create table journal_after partition of journal for values from (%L) to (maxvalue)', bound);
  with later as (delete from journal_before where log_time >= bound returning *)
  insert into journal_after select * from later;
  execute format('alter table journal attach partition journal_before for values from (minvalue) to (%L)', bound);
end $$;

-- The slices, as they are: from that log time, until before that one; null: without an end.
create view journal_slices as
select c.relname::text as name, nullif(b.bound[1], 'MINVALUE')::timestamptz as since,
  nullif(b.bound[2], 'MAXVALUE')::timestamptz as until
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
cross join lateral (
  select regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \('?([^')]+)'?\) TO \('?([^')]+)'?\)$$) as bound) b
where i.inhparent = 'journal'::regclass;

-- Which partition still needs a slice, and for what; null: none. It does while something in it is not announced; and, since a repeat
-- must be known for so long, until it is stored up to that much later, or to its end: what comes then is of now.
create function journal_needed_by(slice text, until timestamptz, identities interval, ends json) returns text
language plpgsql as $$
declare
  needed_by text;
begin
  execute format($sql$
    select p.topic || '-' || p.partition || case
        when s.last >= p.announced_offset then ' has something in it that is not announced'
        else ' is not known to be stored up to its end, and a repeat may come' end
    from progress p
    cross join lateral (
      select max(j.source_offset) as last from %I j where j.topic = p.topic and j.partition = p.partition) s
    left join json_to_recordset($2) as e (topic text, partition int, end_offset bigint)
      on e.topic = p.topic and e.partition = p.partition
    where s.last is not null
      and (s.last >= p.announced_offset or (p.log_time < $1 and not coalesce(p.next_offset >= e.end_offset, false)))
    order by p.topic, p.partition limit 1$sql$, slice)
  into needed_by using until + identities, ends;
  return needed_by;
end $$;

-- Up to where slices can be dropped of those that end by that time; null: none can. What is before the first slice goes with that.
create function journal_droppable(
  past timestamptz, identities interval, ends json, out bound timestamptz, out needed_by text)
language plpgsql as $$
declare
  slice record;
begin
  for slice in select * from journal_slices s where s.until <= past order by s.until loop
    needed_by := journal_needed_by(slice.name, slice.until, identities, ends);
    exit when needed_by is not null;
    if slice.since is not null then
      bound := slice.until;
    end if;
  end loop;
end $$;

-- Makes slices so that one of that width is still ahead, and drops what is wholly older than the retention (null: nothing). Any number of
-- nodes may do so at any time: one does, and the others get no row. Nothing is locked unless there is something to do. Then the
-- journal is, for as long as it takes to change the catalog: in one transaction, because what is checked must still be so when a
-- slice goes, and because of half of it nothing is left when a node dies; DETACH CONCURRENTLY could be no part of one. Who waits for
-- a long read to get that lock lets nobody pass, so it gives up soon.
create function journal_keep(at timestamptz, width interval, retention interval, identities interval, ends json)
returns table (made int, dropped int, slices int, overdue int, needed_by text)
language plpgsql as $$
declare
  frontier  timestamptz;
  edge      timestamptz;
  fresh     text;
  bound     timestamptz;
  slice     record;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sluice.journal', 0)) then
    return;
  end if;
  made := 0;
  dropped := 0;
  frontier := (select s.since from journal_slices s where s.until is null);
  select d.bound, d.needed_by into bound, needed_by from journal_droppable(at - retention, identities, ends) d;
  if frontier <= at + width or bound is not null then
    perform set_config('lock_timeout', '2s', true);
    lock table only journal in access exclusive mode;
    frontier := (select s.since from journal_slices s where s.until is null);
    select d.bound, d.needed_by into bound, needed_by from journal_droppable(at - retention, identities, ends) d;
  end if;

  while frontier <= at + width loop
    -- One for all the time in which nobody was there to make any.
    edge := frontier + width * greatest(1, floor(extract(epoch from at - frontier) / extract(epoch from width)));
    fresh := 'journal_' || to_char(frontier at time zone 'UTC', 'YYYYMMDD"t"HH24MISS');
    alter table journal detach partition journal_after;
    execute format('create table %I partition of journal for values from (%L) to (%L)', fresh, frontier, edge);
    with moved as (delete from journal_after where log_time < edge returning *) insert into journal select * from moved;
    execute format('alter table journal attach partition journal_after for values from (%L) to (maxvalue)', edge);
    frontier := edge;
    made := made + 1;
  end loop;

  if bound is not null then
    for slice in select * from journal_slices s where s.until <= bound order by s.until loop
      execute format($sql$
        update progress p
        set kept_from = greatest(p.kept_from, s.last + 1), kept_since = greatest(p.kept_since, $1)
        from (
          select q.topic, q.partition, (
            select max(j.source_offset) from %I j where j.topic = q.topic and j.partition = q.partition) as last
          from progress q) s
        where p.topic = s.topic and p.partition = s.partition and s.last is not null$sql$, slice.name)
      using slice.until;
      execute format('alter table journal detach partition %I', slice.name);
      execute format('drop table %I', slice.name);
      dropped := dropped + 1;
    end loop;
    execute format('create table journal_before partition of journal for values from (minvalue) to (%L)', bound);
  end if;

  select count(*), count(*) filter (where s.since is not null and s.until <= at - retention) into slices, overdue
  from journal_slices s;
  return next;
end $$;
