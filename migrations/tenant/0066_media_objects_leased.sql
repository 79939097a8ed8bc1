-- Whoever takes an object out of the store says so before: no two do at the same time, of which the second would find what was written
-- since.
alter table media_objects
    -- Until when somebody takes it away; empty while nobody does.
    add column leased_until timestamptz;
