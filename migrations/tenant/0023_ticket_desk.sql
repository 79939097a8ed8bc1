-- What people keep at a ticket, and what is done to many at once.

create table ticket_watchers (
    ticket_id  bigint not null references support_tickets (id),
    user_id    bigint not null,
    created_at timestamptz not null,
    primary key (ticket_id, user_id)
);

create table ticket_drafts (
    ticket_id  bigint not null references support_tickets (id),
    user_id    bigint not null,
    mode       text not null check (mode in ('reply', 'note')),
    message    text not null,
    updated_at timestamptz not null,
    primary key (ticket_id, user_id, mode)
);

-- related: the smaller id first; parent: the first is the second's parent.
create table ticket_links (
    id         bigint generated always as identity primary key,
    from_id    bigint not null references support_tickets (id),
    to_id      bigint not null references support_tickets (id),
    kind       text not null check (kind in ('related', 'parent')),
    created_by bigint not null,
    created_at timestamptz not null,
    constraint ticket_links_once unique (from_id, to_id, kind),
    check (from_id <> to_id)
);
create index ticket_links_to on ticket_links (to_id, id);
create unique index ticket_links_parent on ticket_links (to_id) where kind = 'parent';

create table bulk_jobs (
    id          bigint generated always as identity primary key,
    user_id     bigint not null,
    action      text not null,
    -- What shall be done, as it was asked.
    work        jsonb not null,
    undo_of     bigint constraint bulk_jobs_undone_once unique references bulk_jobs (id),
    total       int not null,
    created_at  timestamptz not null,
    -- Somebody works on it as long as this is fresh.
    touched_at  timestamptz not null,
    finished_at timestamptz
);
create index bulk_jobs_running on bulk_jobs (touched_at) where finished_at is null;
create index bulk_jobs_old on bulk_jobs (created_at);

create table bulk_items (
    job_id    bigint not null references bulk_jobs (id),
    position  int not null,
    ticket_id bigint not null,
    -- Empty until its turn has come.
    ok        boolean,
    code      text,
    -- The ticket before, and its version after: what an undo needs.
    before    jsonb,
    version   bigint,
    primary key (job_id, position)
);
