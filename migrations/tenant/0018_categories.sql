-- What tickets may be about, and what is asked of each.

create table categories (
    id          bigint generated always as identity primary key,
    -- What support_tickets.category holds. It never changes: tickets name it.
    name        text not null check (length(name) between 1 and 64),
    label_fr    text not null,
    label_en    text not null,
    -- Whether new tickets may have it.
    active      boolean not null default true,
    position    int not null default 0,
    -- Whose queue its new tickets wait in.
    team_id     bigint references teams (id),
    -- What somebody must know to be given one.
    skills      text[] not null default '{}',
    archived_at timestamptz,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index categories_name_key on categories (lower(name)) where archived_at is null;
create index categories_team on categories (team_id) where team_id is not null;

create table custom_fields (
    id                     bigint generated always as identity primary key,
    -- What support_tickets.custom_fields holds. Never given to another type, for values of an archived field stay.
    key                    text not null constraint custom_fields_key unique check (length(key) between 1 and 64),
    label_fr               text not null,
    label_en               text not null,
    type                   text not null check (type in ('text', 'number', 'boolean', 'date', 'select', 'multi_select')),
    options                text[] not null default '{}',
    required_for_customers boolean not null default false,
    required_for_agents    boolean not null default false,
    visible_to_customers   boolean not null default true,
    -- Empty for tickets of all categories.
    category_id            bigint references categories (id),
    position               int not null default 0,
    archived_at            timestamptz,
    version                bigint not null default 1,
    created_at             timestamptz not null,
    updated_at             timestamptz not null
);
create index custom_fields_category on custom_fields (category_id) where category_id is not null;
