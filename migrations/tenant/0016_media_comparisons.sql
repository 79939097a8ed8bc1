-- How far the store was compared with what is known of it (A-15): once a week, a part at a time.
create table media_comparisons (
    only_row    boolean primary key default true check (only_row),
    begun_at    timestamptz not null,
    -- Everything up to this key was compared; empty when it is done.
    up_to       text,
    finished_at timestamptz,
    -- Objects that nobody knew, and objects that were missing.
    nobodys     bigint not null default 0,
    missing     bigint not null default 0
);

-- Whoever takes an object out of the store says so before: no two do at the same time, of which the second would find what was written
-- since.
alter table media_objects
    -- Until when somebody takes it away; empty while nobody does.
    add column leased_until timestamptz;
