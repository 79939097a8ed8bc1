-- Copies of tenants' databases and of this one, what drills have shown, and what organisations take out themselves. The
-- copies lie in the file store, each sealed by a key of its own.

create table backups (
    id             uuid primary key,
    -- Whose database it is; empty: the control database.
    tenant_id      uuid references tenants (id),
    -- What its objects' keys begin with.
    folder         text not null,
    -- As of when it is.
    taken_at       timestamptz not null,
    made_at        timestamptz not null,
    -- The last migration of that database.
    schema_version bigint not null,
    tables         int not null,
    row_count      bigint not null,
    -- How long the dump is before it is sealed.
    dump_bytes     bigint not null check (dump_bytes >= 0),
    files          bigint not null,
    file_bytes     bigint not null,
    manifest_hash  bytea not null,
    -- The stream's key, sealed for `tenant:{id}:backup` or `platform:backup`.
    sealed_key     bytea not null,
    key_id         text not null,
    -- Asked for by somebody: kept until somebody takes it away.
    is_kept        boolean not null default false,
    -- Since when its objects are being taken away: it is no backup any more.
    deleting_at    timestamptz
);
create index backups_tenant on backups (tenant_id, taken_at desc);

-- What became of restoring a backup for trial.
create table backup_drills (
    id         uuid primary key,
    backup_id  uuid not null,
    tenant_id  uuid not null references tenants (id),
    -- As of when the backup was.
    taken_at   timestamptz not null,
    started_at timestamptz not null,
    ended_at   timestamptz not null,
    is_equal   boolean not null,
    row_count  bigint not null,
    -- What was not equal, or why it came to no end.
    trouble    text
);
create index backup_drills_age on backup_drills (ended_at desc);

-- Archives that admins ask for: the whole database and the files.
create table exports (
    id         uuid primary key,
    tenant_id  uuid not null references tenants (id),
    asked_by   bigint not null references users (id),
    asked_at   timestamptz not null,
    status     text not null default 'making' check (status in ('making', 'ready', 'failed', 'expired')),
    ready_at   timestamptz,
    expires_at timestamptz,
    object_key text,
    size       bigint,
    sealed_key bytea,
    key_id     text,
    constraint exports_ready_have_object check (status <> 'ready' or (object_key is not null and sealed_key is not null))
);
create index exports_tenant on exports (tenant_id, id);
create unique index exports_one_at_a_time on exports (tenant_id) where status = 'making';
create index exports_expiry on exports (expires_at) where status = 'ready';
