-- What those who answer keep beside the tickets: views, canned replies and macros.

create table views (
    id         bigint generated always as identity primary key,
    -- Whose it is; null for everybody's.
    owner_id   bigint,
    name       text not null check (length(name) between 1 and 100),
    -- The words of the list of tickets, checked when they are saved.
    filter     jsonb not null,
    position   int not null default 0,
    version    bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index views_of on views (owner_id, position, id);

-- A canned reply is a macro that only speaks: it has a text and no actions.
create table macros (
    id          bigint generated always as identity primary key,
    kind        text not null check (kind in ('canned_reply', 'macro')),
    owner_id    bigint,
    name        text not null check (length(name) between 1 and 100),
    message     text,
    is_internal boolean not null default false,
    actions     jsonb not null default '[]',
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index macros_shared on macros (kind, id) where owner_id is null;
create index macros_own on macros (kind, owner_id, id) where owner_id is not null;
