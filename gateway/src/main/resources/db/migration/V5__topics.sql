-- Which topic of events each type is read from. One that is made anew under the same name has another id, and other events at
-- the same offsets; with another number of partitions, keys have other places. Written once, at the first start.
create table topics (
  topic      text    primary key,
  topic_id   text    not null,
  partitions integer not null,
  stopped    text    -- why it must not be read on, until somebody deletes the row; null: it may
);

-- Where the present owner of each partition began: less than what somebody has heard of by then if the database had gone back.
alter table progress add column taken_offset bigint not null default 0;
