-- Who is known here by an address alone: nobody has signed in as them yet. Each has a row in users, too, under the same id.
-- Whoever proves the address at the platform gets what is theirs.

create table contacts (
    -- Far above every id that the platform gives, and no more than every client can count.
    id         bigint generated always as identity (start with 1000000000000000) primary key,
    email      text not null constraint contacts_email_key unique,
    created_at timestamptz not null,
    -- The person who it turned out to be, and when all that was theirs had become that person's.
    claimed_by bigint,
    handed_at  timestamptz
);
create index contacts_to_hand on contacts (id) where claimed_by is not null and handed_at is null;
create index contacts_new on contacts (created_at) where claimed_by is null;
