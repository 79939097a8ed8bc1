-- Operators run the platform. They are no users, belong to no tenant, and see nothing of a tenant unless its admin
-- lets them look.

create table operators (
    id            bigint generated always as identity primary key,
    email         text not null,
    name          text not null,
    password_hash text not null,
    -- The authenticator's secret, sealed for `operator:{id}:totp`; it counts from its first code on.
    sealed_secret bytea,
    key_id        text,
    enabled_at    timestamptz,
    -- The time step whose code was accepted last: a code counts once, and none from before it.
    last_step     bigint not null default 0,
    created_at    timestamptz not null,
    removed_at    timestamptz
);
create unique index operators_email on operators (email) where removed_at is null;

-- Whoever has given the right password and owes the second factor, or has yet to set it up.
create table operator_tickets (
    hash        bytea primary key,
    operator_id bigint not null references operators (id),
    kind        text not null check (kind in ('challenge', 'enrolment')),
    expires_at  timestamptz not null,
    used_at     timestamptz
);
create index operator_tickets_age on operator_tickets (expires_at);

create table operator_sessions (
    hash         bytea primary key,
    operator_id  bigint not null references operators (id),
    opened_at    timestamptz not null,
    last_used_at timestamptz not null,
    ended_at     timestamptz
);
create index operator_sessions_age on operator_sessions (opened_at);
create index operator_sessions_operator on operator_sessions (operator_id);

-- Tries with a password or a code. Each is written before it is looked at and taken back when it was right.
create table operator_tries (
    id      bigint generated always as identity primary key,
    account text not null,
    at      timestamptz not null
);
create index operator_tries_account on operator_tries (account, at);
create index operator_tries_age on operator_tries (at);

-- Leave to look, given by a tenant's admin for some hours.
create table support_grants (
    id         bigint generated always as identity primary key,
    tenant_id  uuid not null references tenants (id),
    granted_by bigint not null references users (id),
    hours      int not null check (hours between 1 and 72),
    reason     text not null,
    created_at timestamptz not null,
    ends_at    timestamptz not null,
    -- When it was taken back, or when its end was noted.
    ended_at   timestamptz
);
create unique index support_grants_open on support_grants (tenant_id) where ended_at is null;
create index support_grants_tenant on support_grants (tenant_id, id desc);

-- Who may look where at this moment.
create view app_support as
select g.id as grant_id, g.tenant_id, g.ends_at, o.id as operator_id
from support_grants g
cross join operators o
where g.ended_at is null and o.removed_at is null
    -- Who has signed out looks at nothing any more.
    and exists (select from operator_sessions s where s.operator_id = o.id and s.ended_at is null);

do $$
begin
    if exists (select from pg_roles where rolname = 'app_reader') then
        grant select on app_support to app_reader;
    end if;
end
$$;
