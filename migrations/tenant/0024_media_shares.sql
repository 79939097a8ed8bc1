-- Who besides those who see its ticket may have one file (A-13): a member of the staff, or whoever has a link.
-- signed cascade media_shares by the engineers of page 3: what was shared goes with its file (A-13, A-15)
create table media_shares (
    id             bigint generated always as identity primary key,
    attachment_id  bigint not null references ticket_attachments (id) on delete cascade,
    member_id      bigint,
    -- Of a link's token, which nobody has but whoever was given the link.
    token_hash     bytea constraint media_shares_token unique,
    created_by     bigint not null,
    created_at     timestamptz not null,
    -- A link ends, what a member was given stays until it is taken back.
    expires_at     timestamptz,
    revoked_at     timestamptz,
    revoked_by     bigint,
    -- So often a link was opened.
    opened         int not null default 0 check (opened >= 0),
    last_opened_at timestamptz,
    constraint media_shares_with_one check ((member_id is null) <> (token_hash is null) and (token_hash is null) = (expires_at is null))
);
create index media_shares_file on media_shares (attachment_id, id);
create index media_shares_member on media_shares (member_id, id) where member_id is not null and revoked_at is null;
create unique index media_shares_once on media_shares (attachment_id, member_id) where member_id is not null and revoked_at is null;

-- A second wall (A-16): no customer has to do with shares.
alter table media_shares enable row level security;
create policy media_shares_staff on media_shares using (nullif(current_setting('helpdeskly.owner', true), '') is null);

-- Whoever takes a file away ends its shares, a customer too, whom the wall lets see none of them.
create function media_shares_end() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.media_shares set revoked_at = new.deleted_at, revoked_by = new.deleted_by
    where attachment_id = new.id and revoked_at is null;
    return null;
end
$$;
create trigger media_shares_end after update of deleted_at on ticket_attachments
    for each row when (new.deleted_at is not null and old.deleted_at is null) execute function media_shares_end();
