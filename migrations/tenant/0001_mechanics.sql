-- The mechanics that every database of the platform has, control and tenant alike:
-- what happened (and still has to be told to the broker), what was done about it,
-- who did it, which mails wait, and what was answered.

-- One row per thing that happened. A row without published_at is the outbox.
create table events (
    seq          bigint generated always as identity primary key,
    id           uuid not null unique,
    -- The writing transaction. A reader that stops below pg_snapshot_xmin sees no gaps,
    -- though seq is handed out before the commit.
    xid          xid8 not null default pg_current_xact_id(),
    kind         text not null,
    exchange     text not null,
    routing_key  text not null,
    -- What it happened to, as `ticket:42`: one subject's events are told in order.
    subject      text not null,
    data         jsonb not null,
    -- Who may hear of it live; the broker never sees this.
    audience     jsonb,
    actor        jsonb not null,
    request_id   text,
    cause        uuid,
    depth        smallint not null default 0,
    occurred_at  timestamptz not null,
    published_at timestamptz
);
create index events_outbox on events (seq) where published_at is null;
create index events_cursor on events (xid, seq);
create index events_subject on events (subject, seq);

-- Holds the one relay that may publish from this database, without a held transaction.
create table relay_lease (
    only_row boolean primary key default true check (only_row),
    holder   uuid not null,
    until    timestamptz not null
);

-- Which consumer has acted on which event: an effect happens once.
create table reactions (
    consumer   text not null,
    event_id   uuid not null,
    reacted_at timestamptz not null default now(),
    primary key (consumer, event_id)
);

-- Who did what. Appended to, never changed: the service's role may only insert and read.
create table audit_logs (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    actor       jsonb not null,
    action      text not null,
    resource    text not null,
    changes     jsonb not null,
    ip          text,
    user_agent  text,
    request_id  text,
    outcome     text not null default 'success' check (outcome in ('success', 'error'))
);
create index audit_logs_at on audit_logs (at desc, id desc);
create index audit_logs_resource on audit_logs (resource, id desc);

-- Mails that were decided in a transaction and are sent after it.
create table mails (
    id          uuid primary key,
    message_id  text not null,
    template    text not null,
    to_address  text not null,
    to_name     text not null,
    subject     text not null,
    body_text   text not null,
    body_html   text not null,
    headers     jsonb not null default '{}',
    status      text not null default 'pending' check (status in ('pending', 'sent', 'failed')),
    attempts    int not null default 0,
    next_at     timestamptz not null,
    leased_until timestamptz,
    last_error  text,
    created_at  timestamptz not null,
    sent_at     timestamptz
);
create index mails_due on mails (next_at) where status = 'pending';
create index mails_recipient on mails (to_address, created_at);
create index mails_age on mails (created_at);
create index mails_failed on mails (next_at) where status = 'failed' and body_text <> '';

-- Answers already given to a creating POST, so that a retry gets the same one (24 h).
create table idempotency_keys (
    -- Whose key it is: people do not meet each other's.
    owner       text not null,
    key         text not null,
    route       text not null,
    -- The body's hash, sealed: bodies hold passwords.
    fingerprint text not null,
    status      smallint not null,
    location    text,
    body        jsonb not null,
    created_at  timestamptz not null,
    primary key (owner, key)
);
create index idempotency_age on idempotency_keys (created_at);
