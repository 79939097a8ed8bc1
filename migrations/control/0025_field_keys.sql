-- By what each organisation's sensitive fields are sealed (T-1, SEC-20): a key of its own, which the tenant's data key seals. An
-- exchange of data keys seals it anew and leaves the tickets alone; with the tenant it goes.

create table field_keys (
    tenant_id  uuid primary key references tenants (id),
    -- 32 bytes, sealed for `tenant:{id}:fields`.
    sealed_key bytea not null,
    key_id     text not null,
    created_at timestamptz not null default now()
);

-- A release from before knows nothing of this table: exchanging data keys, it would take away the one under which a field's key
-- stands, and all that is sealed with it. Only with its tenant a data key goes whatever is under it.
create function keep_key_of_fields() returns trigger
language plpgsql as $$
begin
    if exists (select from field_keys f where f.tenant_id = old.tenant_id and f.key_id = 'data:' || old.version)
        and not exists (select from deletions d where d.tenant_id = old.tenant_id and d.begun_at is not null)
    then
        raise exception 'the key of sensitive fields is under data key %', old.version using errcode = 'restrict_violation';
    end if;
    return old;
end
$$;
create trigger keep_key_of_fields before delete on data_keys for each row execute function keep_key_of_fields();

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
    d.wrapped as wrapped_key,
    p.requests_a_minute,
    p.connections,
    case when p.extra_ticket is null then p.tickets_a_month end as openings_a_month,
    p.storage_bytes,
    f.sealed_key as sealed_fields_key,
    fd.wrapped as fields_wrapped_key
from tenants t
join clusters c on c.id = t.cluster_id
left join data_keys d on d.tenant_id = t.id and t.key_id = 'data:' || d.version
left join tenant_plans tp on tp.tenant_id = t.id
left join plans p on p.code = tp.plan
left join field_keys f on f.tenant_id = t.id
left join data_keys fd on fd.tenant_id = t.id and f.key_id = 'data:' || fd.version
where t.status in ('active', 'suspended', 'deleting');
