-- How fast a tenant promises to answer (T-10): policies, of which each edit makes a new version, and the business hours
-- that they count in (T-11). A ticket keeps the version that it was measured by, so an edit rewrites no history.

create table sla_calendars (
    id         bigint generated always as identity primary key,
    name       text not null constraint sla_calendars_name_key unique,
    -- An IANA name, as Europe/Paris.
    time_zone  text not null,
    -- Ranges of minutes for Monday to Sunday, as [[[540, 720], [780, 1080]], …], in local time.
    week       jsonb not null,
    -- Local dates without opening, each with its name.
    holidays   jsonb not null default '[]',
    version    bigint not null default 1,
    updated_at timestamptz not null
);

create table sla_policies (
    id          bigint generated always as identity primary key,
    name        text not null,
    -- The first policy that fits a ticket is its own; the default one fits every ticket and comes last.
    position    int not null,
    is_default  boolean not null default false,
    -- Any of these; empty lists ask for nothing.
    categories  text[] not null default '{}',
    tags        text[] not null default '{}',
    teams       bigint[] not null default '{}',
    -- Empty for round the clock.
    calendar_id bigint references sla_calendars (id),
    version     int not null default 1,
    archived_at timestamptz,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index sla_policies_one_default on sla_policies (is_default) where is_default;
create index sla_policies_order on sla_policies (position, id) where archived_at is null;

create table sla_policy_versions (
    policy_id  bigint not null references sla_policies (id),
    version    int not null,
    -- Working minutes for the first response and the resolution, for each priority.
    targets    jsonb not null,
    -- Zone, week and holidays as they were; empty for round the clock.
    calendar   jsonb,
    created_at timestamptz not null,
    primary key (policy_id, version)
);

-- T-10, in minutes.
insert into sla_policies (name, position, is_default, created_at, updated_at) values ('Standard', 2147483647, true, now(), now());
insert into sla_policy_versions (policy_id, version, targets, created_at)
select id, 1, '{
    "low":    {"response": 2880, "resolution": 10080},
    "medium": {"response": 1440, "resolution": 4320},
    "high":   {"response": 240,  "resolution": 1440},
    "urgent": {"response": 60,   "resolution": 240}
}', now()
from sla_policies;
