-- What a person is to know inside the product, the newest first.
create table notifications (
    id         bigint generated always as identity primary key,
    user_id    bigint not null references users (id),
    -- sla_breach, sla_warning, …
    kind       text not null,
    ticket_id  bigint references support_tickets (id),
    -- The event's own fields.
    data       jsonb not null,
    created_at timestamptz not null,
    read_at    timestamptz
);
create index notifications_newest on notifications (user_id, id desc);
create index notifications_unread on notifications (user_id) where read_at is null;
