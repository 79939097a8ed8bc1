-- How full each server may be and is, its standby, and databases made ahead of sign-ups.

-- signed constraint clusters by Helpdeskly: a row for each server
alter table clusters
    -- At most so many tenants, and so many bytes of databases; none: as many as come.
    add column max_tenants     int check (max_tenants >= 0),
    add column max_bytes       bigint check (max_bytes >= 0),
    -- A standby of the server, for what only reads.
    add column replica_host    text,
    add column replica_port    int check (replica_port between 1 and 65535),
    -- What the last look at it has found.
    add column bytes           bigint,
    add column connections     int,
    add column max_connections int,
    add column answered_at     timestamptz,
    -- Why it did not answer when it was last looked at.
    add column trouble         text,
    add column measure_at      timestamptz not null default '-infinity',
    add constraint clusters_replica check ((replica_host is null) = (replica_port is null));

-- A database that waits for its tenant, with a role of the same name that nobody can come in by. The row is there
-- before either is made, and goes when a tenant has taken them or both are dropped.
create table spares (
    name           text primary key,
    cluster_id     bigint not null references clusters (id),
    -- The migrations that it has: the last one, and a digest of all.
    schema_version bigint not null,
    schema_digest  text not null,
    -- Who makes or drops it just now.
    holder         uuid,
    leased_until   timestamptz,
    -- Since when it can be taken.
    ready_at       timestamptz,
    created_at     timestamptz not null
);
create index spares_cluster on spares (cluster_id, name);

-- Databases and roles on the servers that stand in no book, and since when that is known.
create table strays (
    cluster_id bigint not null references clusters (id),
    kind       text not null check (kind in ('database', 'role')),
    name       text not null,
    seen_at    timestamptz not null,
    primary key (cluster_id, kind, name)
);

create or replace view app_tenants as
select
    t.id,
    t.slug,
    t.organisation,
    t.locale,
    t.status,
    c.host,
    c.port,
    c.pooled_host,
    c.pooled_port,
    t.database_name as database,
    t.role_name as role,
    t.sealed_password,
    t.key_id,
    c.replica_host,
    c.replica_port
from tenants t
join clusters c on c.id = t.cluster_id
where t.status in ('active', 'suspended', 'deleting');
