-- How far each partition of events is. Moved by compare-and-set only: whoever has another epoch or another offset has lost it.
create table progress (
  topic            text    not null,
  partition        integer not null,
  epoch            bigint  not null,
  next_offset      bigint  not null,
  announced_offset bigint  not null,
  primary key (topic, partition)
);

-- The last state of each context. Documents are text, not jsonb: numbers and the order of members stay as they were written.
create table states (
  tenant         text        not null,
  type           text        not null,
  id             text        not null collate "C",
  incarnation    bigint      not null,
  version        bigint      not null,
  document       text,       -- null: deleted
  clock          text        not null,
  writer         text        not null,
  event_id       text        not null,
  event_type     text        not null,
  event_time     timestamptz not null,
  correlation_id text,
  causation_id   text,
  traceparent    text,
  topic          text        not null,
  partition      integer     not null,
  source_offset  bigint      not null,
  log_time       timestamptz not null,
  primary key (tenant, type, id)
);

-- Every event that could be read, with what became of it, in the order of its partition.
create table journal (
  topic          text        not null,
  partition      integer     not null,
  source_offset  bigint      not null,
  log_time       timestamptz not null,
  tenant         text        not null,
  type           text        not null,
  id             text        not null collate "C",
  resolution     text        not null,
  reason         text,       -- of a rejection
  detail         text,
  incarnation    bigint,     -- of the context right after the event; null: it did not exist
  version        bigint,
  document       text,       -- the whole state, of a visible change, or where somebody waits; null: deleted, or nothing to say
  delta          text,
  conflicts      text,
  clock          text,
  change         text        not null,
  causality      text,
  writer         text        not null,
  event_id       text        not null,
  event_type     text        not null,
  event_time     timestamptz not null,
  correlation_id text,
  causation_id   text,
  traceparent    text,
  content        text        not null,
  waiter         text,
  primary key (topic, partition, source_offset)
);

create index journal_of_context on journal (tenant, type, id, source_offset);
