-- Log time up to which a partition is stored: what comes later is never earlier than that, whatever a broker's clock does.
alter table progress add column log_time timestamptz not null default 'epoch';

update progress p
set log_time = coalesce((
  select j.log_time from journal j where j.topic = p.topic and j.partition = p.partition
  order by j.source_offset desc limit 1), 'epoch');

-- The visible changes of a context, for its versions and, since log time rises with them, for its state at an instant.
create index journal_of_versions on journal (tenant, type, id, incarnation, version)
  where resolution in ('applied', 'merged');
