-- What the fold knows of a context beside its document. A state at version 0 is none: only what was seen of it is remembered.
alter table states
  add column marks     text,      -- open conflicts, and revisions of what is edited by operations; null: none
  add column registers text;      -- null: none

alter table journal
  add column marks      text,
  add column operations text;     -- edits, as they were applied

-- What was in conflict is looked up seldom, and is little.
create index journal_of_conflicts on journal (tenant, type, id, source_offset) where conflicts is not null;
create index states_in_conflict on states (tenant, type, id) where marks is not null;
