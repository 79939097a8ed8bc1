-- Files (page 3): which ones are taken, how much there is of whom, where each lies in the store, and what is on its way.
-- signed cascade ticket_attachments by the engineers of page 3: a file goes with its ticket and its message (A-1, A-15)

-- What is taken, by the ending of a file's name; the content must be what the ending says.
create table media_categories (
    id         bigint generated always as identity primary key,
    name       text not null constraint media_categories_name unique check (length(name) between 1 and 40),
    extensions text[] not null check (cardinality(extensions) between 1 and 20),
    max_bytes  bigint not null check (max_bytes between 1 and 104857600),
    -- Whether small pictures are made of them.
    previews   boolean not null,
    -- Not from customers.
    staff_only boolean not null,
    enabled    boolean not null,
    updated_at timestamptz not null default now()
);
insert into media_categories (name, extensions, max_bytes, previews, staff_only, enabled) values
    ('images', '{jpg,jpeg,png,gif,webp}', 5242880, true, false, true),
    ('pdf', '{pdf}', 10485760, true, false, true),
    ('documents', '{doc,docx,xlsx,csv}', 10485760, false, false, true),
    ('text', '{txt}', 2097152, false, false, true),
    ('archives', '{zip}', 20971520, false, true, true),
    ('videos', '{mp4,mov}', 104857600, false, false, false),
    ('audio', '{mp3,wav,aac,ogg}', 52428800, false, false, false),
    ('heic', '{heic}', 26214400, false, false, false);

-- What one person may have and do; the plan says what the organisation may.
create table media_settings (
    only_row        boolean primary key default true check (only_row),
    bytes_per_user  bigint not null default 1073741824 check (bytes_per_user >= 0),
    files_per_user  bigint not null default 1000 check (files_per_user >= 0),
    uploads_a_day   bigint not null default 100 check (uploads_a_day >= 0)
);
insert into media_settings default values;

-- How much there is, by whose it is; 0 is the organisation. Written in the acts that bring and take files.
create table media_usage (
    user_id bigint primary key,
    bytes   bigint not null default 0 check (bytes >= 0),
    files   bigint not null default 0 check (files >= 0),
    -- So many came on that day (UTC).
    day     date not null,
    today   bigint not null default 0 check (today >= 0)
);

-- Each object that we have in the store, or are about to have: there is a row before there is an object, and as long as there
-- is one.
create table media_objects (
    key        text primary key,
    size       bigint not null,
    state      text not null check (state in ('writing', 'stored', 'leaving')),
    touched_at timestamptz not null
);
create index media_objects_unsettled on media_objects (touched_at) where state <> 'stored';

create table ticket_attachments (
    id             bigint generated always as identity primary key,
    ticket_id      bigint not null references support_tickets (id) on delete cascade,
    -- Empty for what is the ticket's own, and for what waits for its message.
    message_id     bigint references ticket_messages (id) on delete cascade,
    -- It waits for a message of its uploader, and goes a day later if none comes.
    awaits_message boolean not null default false,
    original_name  text not null check (length(original_name) between 1 and 1024),
    filename       text not null check (length(filename) between 1 and 255),
    file_path      text not null,
    mime_type      text not null,
    file_size      bigint not null check (file_size >= 0),
    -- In hexadecimal digits.
    sha256         text not null,
    media_category text not null,
    scan_status    text not null check (scan_status in ('pending', 'clean', 'infected', 'skipped')),
    -- What was found in it.
    scan_found     text,
    scan_at        timestamptz,
    scan_tries     int not null default 0,
    width          int,
    height         int,
    -- Sealed.
    exif           text,
    preview        text not null check (preview in ('none', 'pending', 'ready', 'failed')),
    preview_path   text,
    preview_rank   smallint not null default 1 check (preview_rank between 0 and 2),
    preview_tries  int not null default 0,
    uploaded_by    bigint not null,
    -- By a member of the staff: customers see it when it stands in a public message.
    by_staff       boolean not null,
    -- Tickets that it was merged out of, the last one at the end: it goes back there.
    origins        bigint[] not null default '{}',
    deleted_at     timestamptz,
    deleted_by     bigint,
    created_at     timestamptz not null,
    updated_at     timestamptz not null
);
create index ticket_attachments_ticket on ticket_attachments (ticket_id, id);
create index ticket_attachments_message on ticket_attachments (message_id, id) where message_id is not null;
create index ticket_attachments_uploader on ticket_attachments (uploaded_by, id);
create index ticket_attachments_path on ticket_attachments (file_path);
create index ticket_attachments_preview_path on ticket_attachments (preview_path) where preview_path is not null;
create index ticket_attachments_scans on ticket_attachments (scan_at, id) where scan_status = 'pending' and deleted_at is null;
create index ticket_attachments_previews on ticket_attachments (preview_rank, id) where preview = 'pending';
create index ticket_attachments_awaiting on ticket_attachments (created_at) where awaits_message and message_id is null;
create index ticket_attachments_deleted on ticket_attachments (deleted_at) where deleted_at is not null;

-- A second wall (A-16): a connection that says whose it is reaches that customer's tickets alone.
alter table ticket_attachments enable row level security;
create policy ticket_attachments_own on ticket_attachments using (
    -- Empty where nobody said it, and where somebody did in a transaction that has ended.
    nullif(current_setting('helpdeskly.owner', true), '') is null
    or exists (
        select from support_tickets t
        where t.id = ticket_id and t.user_id = nullif(current_setting('helpdeskly.owner', true), '')::bigint
    )
);

-- What a row leaves behind, however it went: its object has no owner any more unless another row has the same one, and whoever sent
-- it has room again. The object's row is locked before others are looked for: whoever brings the same file locks it first, too.
create function media_left() returns trigger
language plpgsql as $$
declare
    path text;
begin
    foreach path in array array_remove(array[old.file_path, old.preview_path], null) loop
        perform from media_objects where key = path for update;
        if not exists (select from ticket_attachments where file_path = path or preview_path = path) then
            update media_objects set state = 'leaving', touched_at = now() where key = path;
        end if;
    end loop;
    if old.deleted_at is null and old.scan_status <> 'infected' then
        update media_usage set bytes = greatest(bytes - old.file_size, 0), files = greatest(files - 1, 0)
        where user_id in (old.uploaded_by, 0);
    end if;
    return null;
end
$$;
create trigger media_left after delete on ticket_attachments for each row execute function media_left();
