-- Data keys: each tenant has one of its own, the platform has one, and master keys wrap them. Sealed values begin with the
-- version of the key that sealed them; where a column says it too, it says `data:{version}`.

create table data_keys (
    id            bigint generated always as identity primary key,
    -- Whose it is; empty: the platform's own.
    tenant_id     uuid references tenants (id),
    version       int not null check (version > 0),
    -- The master key that wraps it.
    master_key_id text not null,
    -- The key, sealed for `tenant:{id}:data-key:{version}` or `platform:data-key:{version}`.
    wrapped       bytea not null,
    -- The job that made it; empty: it was made with what it sealed first.
    made_by       uuid,
    created_at    timestamptz not null default now(),
    -- Since when a newer one seals. It goes when nothing is under it any more.
    retired_at    timestamptz
);
create unique index data_keys_version on data_keys (tenant_id, version) nulls not distinct;
create unique index data_keys_current on data_keys (tenant_id) nulls not distinct where retired_at is null;
create index data_keys_master on data_keys (master_key_id, id);

-- What has signed records of deletions, of master keys that were exchanged since: sealed for `records:{key_id}`.
create table record_keys (
    key_id     text primary key,
    sealed_key bytea not null,
    sealed_by  text not null
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
    c.replica_port,
    d.wrapped as wrapped_key
from tenants t
join clusters c on c.id = t.cluster_id
left join data_keys d on d.tenant_id = t.id and t.key_id = 'data:' || d.version
where t.status in ('active', 'suspended', 'deleting');
