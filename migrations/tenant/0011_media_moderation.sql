-- Content that an organisation has judged once and for all (A-14), and what previews leave at a file (A-10).

create table moderation_hashes (
    id         bigint generated always as identity primary key,
    -- In hexadecimal digits.
    sha256     text not null constraint moderation_hashes_sha256 unique check (sha256 ~ '^[0-9a-f]{64}$'),
    -- What a picture looks like, 64 signs; empty for what is no picture, or was never seen here.
    phash      bigint,
    status     text not null check (status in ('approved', 'rejected', 'pending')),
    note       text check (length(note) between 1 and 500),
    -- Files with it are to be taken away, as far as that was not done.
    sweeping   boolean not null default false,
    created_by bigint not null,
    updated_by bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index moderation_hashes_status on moderation_hashes (status, id);
create index moderation_hashes_likeness on moderation_hashes (id) where status = 'rejected' and phash is not null;
create index moderation_hashes_sweeping on moderation_hashes (id) where sweeping;

alter table ticket_attachments
    -- What a picture looks like, 64 signs.
    add column phash bigint,
    -- When a preview is to be tried again; empty for at once.
    add column preview_at timestamptz;
