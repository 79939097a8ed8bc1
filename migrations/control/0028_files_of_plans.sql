-- How many files there may be, and how many may come in a day (UTC), as plans say it (A-11): beside their bytes.
-- signed constraint plans by the engineers of page 3: of columns that are empty still, in a table that has a hundred rows at most

alter table plans
    -- None: as many as come.
    add column storage_files bigint check (storage_files >= 0),
    add column uploads_a_day bigint check (uploads_a_day >= 0);

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
    fd.wrapped as fields_wrapped_key,
    p.storage_files,
    p.uploads_a_day
from tenants t
join clusters c on c.id = t.cluster_id
left join data_keys d on d.tenant_id = t.id and t.key_id = 'data:' || d.version
left join tenant_plans tp on tp.tenant_id = t.id
left join plans p on p.code = tp.plan
left join field_keys f on f.tenant_id = t.id
left join data_keys fd on fd.tenant_id = t.id and f.key_id = 'data:' || fd.version
where t.status in ('active', 'suspended', 'deleting');
