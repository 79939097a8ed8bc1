-- Bringing every tenant's database to a newer schema: which runs there were, how far each database has come in them,
-- and which schema each is known to have.

create table migration_runs (
    id           uuid primary key,
    -- The newest migration, and a digest of all of them: only whoever has the same files works on it.
    target       bigint not null,
    digest       text not null,
    state        text not null default 'running' check (state in ('running', 'paused', 'stopped', 'done')),
    -- Why it stands still, or what it came to.
    reason       text,
    -- Databases of one cluster that are worked on at the same time.
    parallel     int not null check (parallel between 1 and 64),
    -- It stops when more databases than this share of all have failed, in per cent.
    max_failures double precision not null check (max_failures between 0 and 100),
    created_at   timestamptz not null,
    finished_at  timestamptz,
    constraint migration_runs_ended_have_time check ((state in ('stopped', 'done')) = (finished_at is not null))
);
create unique index migration_runs_one on migration_runs ((true)) where state in ('running', 'paused');

create table migration_targets (
    run_id       uuid not null references migration_runs (id),
    tenant_id    uuid not null references tenants (id),
    -- Canaries are in wave 0, then come a hundredth, a tenth, and all others: a wave begins when the one before has ended.
    wave         smallint not null,
    state        text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed')),
    attempts     int not null default 0,
    next_at      timestamptz not null,
    holder       uuid,
    leased_until timestamptz,
    from_version bigint,
    to_version   bigint,
    -- Rows of all its tables together.
    rows_before  bigint,
    rows_after   bigint,
    last_error   text,
    -- An operator knows of this failure and lets the run go on all the same.
    is_forgiven  boolean not null default false,
    started_at   timestamptz,
    finished_at  timestamptz,
    primary key (run_id, tenant_id)
);
create index migration_targets_open on migration_targets (run_id, wave, next_at) where state in ('pending', 'running');
create index migration_targets_state on migration_targets (run_id, state, tenant_id);
create index migration_targets_tenant on migration_targets (tenant_id);

-- What each tenant's database was like when it was last looked at.
create table tenant_schemas (
    tenant_id  uuid primary key references tenants (id),
    version    bigint not null,
    -- A digest of its tables, columns, indexes, constraints and functions.
    shape      text not null,
    -- Another one than a new database of that version has.
    is_drifted boolean not null default false,
    looked_at  timestamptz not null
);
create index tenant_schemas_age on tenant_schemas (looked_at);

-- Somebody of the house, whose database goes first.
alter table tenants add column is_canary boolean not null default false;
