-- What is shown to others (A-13), and what nobody may send (A-14).

create table media_shares (
    id            bigint generated always as identity primary key,
    attachment_id bigint not null references ticket_attachments (id) on delete cascade,
    -- A member who may see it; empty for a link.
    user_id       bigint,
    -- The hash of a link's secret, in hexadecimal digits; empty for a member.
    token_hash    text constraint media_shares_token unique,
    created_by    bigint not null,
    created_at    timestamptz not null,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    revoked_by    bigint,
    opened        bigint not null default 0,
    check ((user_id is null) <> (token_hash is null)),
    -- A link does not last for ever.
    check (user_id is not null or expires_at is not null)
);
create index media_shares_attachment on media_shares (attachment_id, id);
create index media_shares_member on media_shares (user_id, attachment_id) where user_id is not null;

create table moderation_hashes (
    id         bigint generated always as identity primary key,
    sha256     text not null constraint moderation_hashes_sha256 unique check (sha256 ~ '^[0-9a-f]{64}$'),
    -- What an image looks like, in 64 bits; near ones look alike.
    phash      bigint,
    status     text not null check (status in ('approved', 'rejected', 'pending')),
    note       text check (length(note) between 1 and 500),
    created_by bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index moderation_hashes_newest on moderation_hashes (updated_at desc, id desc);
create index moderation_hashes_looks on moderation_hashes (status) where phash is not null;
