-- Which ticket goes on in which other one, and what came with it: all that it takes to part them again.

create table ticket_merges (
    id              bigint generated always as identity primary key,
    -- The duplicate, and the ticket that goes on.
    ticket_id       bigint not null references support_tickets (id),
    into_id         bigint not null references support_tickets (id),
    -- The duplicate as it was.
    status          text not null,
    snoozed_until   timestamptz,
    staff_unread    int not null,
    customer_unread int not null,
    -- What the ticket that goes on had not.
    tags_added      text[] not null,
    watchers_added  bigint[] not null,
    link_id         bigint,
    -- Its message that says what came.
    notice_id       bigint not null,
    merged_by       bigint not null,
    merged_at       timestamptz not null,
    undone_by       bigint,
    undone_at       timestamptz,
    check (ticket_id <> into_id)
);
create unique index ticket_merges_now on ticket_merges (ticket_id) where undone_at is null;
create index ticket_merges_into on ticket_merges (into_id, id);

-- The messages that came, of which each stands in one ticket at a time.
create table ticket_merge_messages (
    merge_id   bigint not null references ticket_merges (id),
    message_id bigint not null,
    primary key (merge_id, message_id)
);
