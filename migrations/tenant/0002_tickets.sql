-- One tenant's helpdesk: its people, its tickets, what was said and how each ticket walked.

-- Which tenant this database belongs to. Checked when a pool opens.
create table tenant_marker (
    id   uuid primary key,
    slug text not null
);

create table settings (
    only_row             boolean primary key default true check (only_row),
    organisation         text not null,
    locale               text not null default 'en',
    -- T-9: how long a ticket waits for the customer, and how long a resolution may be contested.
    waiting_close_days   int not null default 7 check (waiting_close_days between 1 and 365),
    resolved_close_hours int not null default 24 check (resolved_close_hours between 1 and 8760)
);

-- The local copy of identities; the control plane owns the truth and numbers the versions.
create table users (
    id         bigint primary key,
    email      text not null,
    firstname  text not null,
    lastname   text not null,
    locale     text not null default 'en',
    role       text not null check (role in ('customer', 'agent', 'manager', 'admin')),
    vip        boolean not null default false,
    active     boolean not null default true,
    version    bigint not null,
    updated_at timestamptz not null default now()
);
create index users_staff on users (id) where role <> 'customer' and active;

create table support_tickets (
    id            bigint generated always as identity primary key,
    ticket_number text not null constraint tickets_number_key unique,
    user_id       bigint not null references users (id),
    subject       text not null check (length(subject) between 1 and 255),
    -- Markdown as it was written, and the safe HTML made of it.
    description   text not null,
    description_html text not null,
    priority      text not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
    priority_reason text not null default 'default',
    status        text not null default 'open'
                  check (status in ('open', 'in_progress', 'waiting_customer', 'resolved', 'closed')),
    category      text,
    assigned_to   bigint references users (id),
    order_id      text,
    channel       text not null default 'web',
    tags          text[] not null default '{}',
    custom_fields jsonb not null default '{}',
    metadata      jsonb not null default '{}',
    version       bigint not null default 1,
    customer_unread int not null default 0 check (customer_unread >= 0),
    staff_unread  int not null default 0 check (staff_unread >= 0),
    -- When it came into its status: what the times of T-9 count from.
    status_since  timestamptz not null default now(),
    resolved_at   timestamptz,
    closed_at     timestamptz,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    -- T-4: work in progress has someone who does it.
    constraint tickets_progress_has_assignee check (status <> 'in_progress' or assigned_to is not null)
);
create index tickets_newest on support_tickets (created_at desc, id desc);
create index tickets_touched on support_tickets (updated_at desc, id desc);
create index tickets_requester on support_tickets (user_id, created_at desc, id desc);
create index tickets_status_newest on support_tickets (status, created_at desc, id desc);
create index tickets_status_priority on support_tickets (status, priority, created_at desc);
create index tickets_priority on support_tickets (priority, created_at desc, id desc);
create index tickets_category on support_tickets (category, created_at desc, id desc) where category is not null;
create index tickets_assignee on support_tickets (assigned_to, status, created_at desc, id desc)
    where assigned_to is not null;
create index tickets_unassigned on support_tickets (created_at desc, id desc)
    where assigned_to is null;
-- Whose time may be up: a small part of all tickets, the longest waiting first.
create index tickets_timed on support_tickets (status, status_since)
    where status in ('waiting_customer', 'resolved');
create index tickets_order on support_tickets (order_id) where order_id is not null;
create index tickets_metadata on support_tickets using gin (metadata);

create table ticket_messages (
    id           bigint generated always as identity primary key,
    ticket_id    bigint not null references support_tickets (id) on delete cascade,
    -- Null for what the system itself says.
    sender_id    bigint references users (id),
    sender_type  text not null check (sender_type in ('customer', 'agent', 'system')),
    message      text not null,
    message_html text not null,
    is_internal  boolean not null default false,
    read_at      timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    check (sender_type = 'system' or sender_id is not null)
);
create index messages_ticket on ticket_messages (ticket_id, created_at);
create index messages_thread on ticket_messages (ticket_id, id);
create index messages_sender on ticket_messages (sender_id);

-- How a ticket walked: one row per change, numbered by the version that it made.
create table ticket_history (
    id          bigint generated always as identity primary key,
    ticket_id   bigint not null references support_tickets (id) on delete cascade,
    version     bigint not null,
    kind        text not null
                check (kind in ('status', 'assignment', 'priority', 'subject', 'category', 'tags', 'custom_fields')),
    from_value  text,
    to_value    text,
    by_user     bigint references users (id),
    reason      text,
    created_at  timestamptz not null
);
create index history_ticket on ticket_history (ticket_id, id);
