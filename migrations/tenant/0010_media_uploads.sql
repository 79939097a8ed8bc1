-- Files that come in parts, by the tus protocol (A-9): what has come of each, and where its parts lie in the store until all of
-- them are there. Redis has copies of the first table; what is true stands here.
-- signed cascade media_uploads by the engineers of page 3: what is on its way to a ticket goes with it
-- signed cascade media_upload_parts by the engineers of page 3: parts go with their upload

create table media_uploads (
    id            uuid primary key default gen_random_uuid(),
    ticket_id     bigint not null references support_tickets (id) on delete cascade,
    message_id    bigint,
    awaits_message boolean not null,
    original_name text not null check (length(original_name) between 1 and 1024),
    declared_type text,
    length        bigint not null check (length between 1 and 104857600),
    -- So many bytes have come and are kept.
    received      bigint not null default 0 check (received between 0 and length),
    -- Refused: by its content, once all of it was there.
    state         text not null default 'coming' check (state in ('coming', 'done', 'refused')),
    -- What became of it.
    attachment_id bigint,
    uploaded_by   bigint not null,
    by_staff      boolean not null,
    created_at    timestamptz not null,
    expires_at    timestamptz not null
);
create index media_uploads_coming on media_uploads (uploaded_by) where state = 'coming';
create index media_uploads_expiry on media_uploads (expires_at);
create index media_uploads_ticket on media_uploads (ticket_id);

create table media_upload_parts (
    upload_id uuid not null references media_uploads (id) on delete cascade,
    start     bigint not null,
    length    bigint not null,
    -- The object's key.
    key       text not null,
    primary key (upload_id, start)
);

-- The second wall (A-16), as that of files.
alter table media_uploads enable row level security;
create policy media_uploads_own on media_uploads using (
    nullif(current_setting('helpdeskly.owner', true), '') is null
    or uploaded_by = nullif(current_setting('helpdeskly.owner', true), '')::bigint
);
alter table media_upload_parts enable row level security;
create policy media_upload_parts_own on media_upload_parts using (
    nullif(current_setting('helpdeskly.owner', true), '') is null
    or exists (
        select from media_uploads u
        where u.id = upload_id and u.uploaded_by = nullif(current_setting('helpdeskly.owner', true), '')::bigint
    )
);

-- However a part's row goes, its object goes too.
create function media_part_left() returns trigger
language plpgsql as $$
begin
    update media_objects set state = 'leaving', touched_at = now() where key = old.key;
    return null;
end
$$;
create trigger media_part_left after delete on media_upload_parts for each row execute function media_part_left();
