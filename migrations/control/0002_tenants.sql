-- The platform's memory: where databases live, who the tenants are, how far each one's
-- database has come.

-- A PostgreSQL server that holds tenant databases.
create table clusters (
    id               bigint generated always as identity primary key,
    name             text not null constraint clusters_name_key unique,
    -- postgres://… of a role that may make roles and databases; sealed for `cluster:{name}:admin`.
    sealed_admin_url bytea not null,
    key_id           text not null,
    -- Where the app plane connects, and the same through PgBouncer.
    host             text not null,
    port             int not null check (port between 1 and 65535),
    pooled_host      text,
    pooled_port      int check (pooled_port between 1 and 65535),
    accepting        boolean not null default true,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    check ((pooled_host is null) = (pooled_port is null))
);

create table tenants (
    id                   uuid primary key,
    -- Never given twice: rows stay when a tenant is deleted.
    slug                 text not null constraint tenants_slug_key unique,
    -- The slug as the eye reads it; a second one that looks alike is refused.
    lookalike            text not null constraint tenants_lookalike_key unique,
    organisation         text not null,
    locale               text not null check (locale in ('en', 'fr')),
    status               text not null default 'provisioning'
                         check (status in ('provisioning', 'active', 'suspended', 'deleting', 'deleted', 'failed')),
    waiting_close_days   int not null default 7 check (waiting_close_days between 1 and 365),
    resolved_close_hours int not null default 24 check (resolved_close_hours between 1 and 8760),
    version              bigint not null default 1,
    -- The version whose settings its database has; behind `version` until the worker has written them.
    settings_applied     bigint not null default 0,
    cluster_id           bigint references clusters (id),
    database_name        text constraint tenants_database_key unique,
    role_name            text,
    -- The role's password, sealed for `tenant:{id}:db`.
    sealed_password      bytea,
    key_id               text,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    -- A tenant that may be served has a database.
    constraint tenants_served_have_database
        check (status not in ('active', 'suspended') or (cluster_id is not null and sealed_password is not null))
);
create index tenants_cluster on tenants (cluster_id);
create index tenants_settings_due on tenants (id) where status = 'active' and settings_applied < version;

-- How far each tenant's database has come, and who works on it.
create table provisionings (
    tenant_id    uuid primary key references tenants (id),
    -- The step that comes next.
    step         text not null
                 check (step in ('place', 'role', 'database', 'grants', 'seed', 'activate', 'done', 'undo', 'undone')),
    attempts     int not null default 0,
    next_at      timestamptz not null,
    holder       uuid,
    leased_until timestamptz,
    last_error   text,
    started_at   timestamptz not null,
    finished_at  timestamptz
);
create index provisionings_due on provisionings (next_at) where finished_at is null;
