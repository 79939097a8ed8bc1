-- Teams: whose queue a ticket waits in, and how it is given to somebody there.

create table teams (
    id          bigint generated always as identity primary key,
    name        text not null check (length(name) between 1 and 64),
    -- Who gets a new ticket: whoever takes it, each in turn, or whoever has the least to do.
    assignment  text not null default 'manual' check (assignment in ('manual', 'round_robin', 'least_loaded')),
    -- Closed tickets still name it.
    archived_at timestamptz,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index teams_name_key on teams (lower(name)) where archived_at is null;

create table team_members (
    team_id   bigint not null references teams (id),
    user_id   bigint not null references users (id),
    skills    text[] not null default '{}',
    -- The number of their last turn: whoever's is the lowest is next.
    last_turn bigint not null default 0,
    primary key (team_id, user_id)
);
create index team_members_user on team_members (user_id, team_id);

-- Who is there, and how much they take. Whoever has no row is there and takes everything.
create table agent_availability (
    user_id       bigint primary key references users (id),
    available     boolean not null default true,
    -- Whoever is away is back by themselves then.
    away_until    timestamptz,
    -- Who gets what would be theirs meanwhile.
    substitute_id bigint references users (id),
    -- Tickets that are not resolved yet, at most; empty for any number.
    capacity      int check (capacity between 0 and 1000),
    updated_at    timestamptz not null,
    check (substitute_id <> user_id)
);
create index agent_availability_substitute on agent_availability (substitute_id) where substitute_id is not null;
