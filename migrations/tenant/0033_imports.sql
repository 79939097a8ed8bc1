-- What comes here from another helpdesk: the file in the parts in which it arrived, how its columns are read, how far it is,
-- and what was wrong with which line.

create table imports (
    id          bigint generated always as identity primary key,
    created_by  bigint not null,
    -- Who asked for the last check or run, and with which of their API keys: in their name it is read, and with their right.
    run_by      bigint not null,
    run_key     bigint,
    kind        text not null check (kind in ('csv', 'zendesk')),
    -- Whose the ids in the file are: one ticket of one source is brought once.
    source      text not null check (length(source) between 1 and 64),
    file_name   text not null,
    file_size   bigint not null check (file_size > 0),
    -- So many bytes have arrived.
    received    bigint not null default 0 check (received <= file_size),
    -- How its letters are written, and what stands between a table's cells; empty until its head was read.
    encoding    text,
    delimiter   text,
    -- What stands at the head of the file, each with an example.
    columns     jsonb not null default '[]',
    -- What each column is to us.
    mapping     jsonb not null default '{}',
    state       text not null default 'uploading'
                check (state in ('uploading', 'ready', 'checking', 'checked', 'running', 'finished', 'cancelled', 'failed')),
    -- Why it failed.
    reason      text,
    -- Behind what stands at its head.
    begins_at   bigint not null default 0,
    begins_line bigint not null default 1,
    -- Where the next record begins, and in which line: kept in the transaction that brings what stands before it.
    position    bigint not null default 0,
    line        bigint not null default 1,
    records     bigint not null default 0,
    imported    bigint not null default 0,
    skipped     bigint not null default 0,
    failed      bigint not null default 0,
    warned      bigint not null default 0,
    contacts    bigint not null default 0,
    -- Tickets of the month that a check has let in: of the plan's room so much is taken.
    of_month    bigint not null default 0,
    -- So often the record at `position` could not be brought.
    attempts    int not null default 0,
    created_at  timestamptz not null,
    started_at  timestamptz,
    -- When somebody last did something about it.
    touched_at  timestamptz not null,
    finished_at timestamptz
);
create index imports_under_way on imports (started_at, id) where state in ('checking', 'running');
create index imports_waiting on imports (touched_at) where state in ('uploading', 'ready', 'checked');
create index imports_over on imports (touched_at) where state in ('finished', 'cancelled', 'failed');

create table import_parts (
    import_id bigint not null references imports (id),
    -- The byte of the file with which it begins.
    starts    bigint not null,
    bytes     bytea not null,
    primary key (import_id, starts)
);

create table import_problems (
    id         bigint generated always as identity primary key,
    import_id  bigint not null references imports (id),
    line       bigint not null,
    -- The line was brought all the same.
    is_warning boolean not null,
    -- What of it is meant; empty for the whole line.
    field      text not null,
    code       text not null,
    message    text not null
);
create index import_problems_of on import_problems (import_id, id);

-- What a check has met: ids, of which each may stand in a file once, and people, of whom each is new once.
create table import_keys (
    import_id bigint not null references imports (id),
    -- When that check was asked for: what another one has met counts no more, and goes by and by.
    began     timestamptz not null,
    key       text not null,
    primary key (import_id, began, key)
);

-- Which ticket came from where.
create table ticket_origins (
    source      text not null,
    external_id text not null,
    ticket_id   bigint not null references support_tickets (id),
    import_id   bigint not null,
    -- An import may be run again: what came before that run was here already.
    brought_at  timestamptz not null,
    primary key (source, external_id)
);
create index ticket_origins_ticket on ticket_origins (ticket_id);
create index ticket_origins_import on ticket_origins (import_id, ticket_id);
