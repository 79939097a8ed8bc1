-- How a tenant comes to its end: asked for, thirty days in which it may be taken back, then everything goes but its
-- name and a signed record of what went.

-- Tenants in their days of grace, and those that are being emptied. Taken back, the row goes.
create table deletions (
    tenant_id    uuid primary key references tenants (id),
    -- What the tenant is again when it is taken back.
    returns_to   text not null check (returns_to in ('active', 'suspended', 'failed')),
    -- Who asked, as the audit trail says it.
    asked_by     jsonb not null,
    asked_at     timestamptz not null,
    delete_after timestamptz not null,
    -- Since when its data is being taken away; it cannot be taken back any more.
    begun_at     timestamptz,
    -- Rows of this database that have gone so far, by table.
    removed      jsonb not null default '{}'
);
create index deletions_due on deletions (delete_after) where begun_at is null;

-- What was removed, of whom, when and on whose word. Appended to, never changed.
create table deletion_records (
    tenant_id uuid primary key references tenants (id),
    -- The JSON text exactly as it was hashed and signed.
    record    text not null,
    -- SHA-256 of it.
    hash      bytea not null,
    signature bytea not null,
    -- The key that signed.
    key_id    text not null,
    made_at   timestamptz not null
);
create trigger append_only before update or delete on deletion_records
for each row execute function audit.refuse_change();
create trigger append_only_whole before truncate on deletion_records execute function audit.refuse_change();

-- Filters of the operators' list.
-- signed index tenants by Helpdeskly: a row for each organisation, read in milliseconds
create index tenants_status on tenants (status, id);

-- The app plane tells whoever comes that a tenant is being deleted.
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
    t.key_id
from tenants t
join clusters c on c.id = t.cluster_id
where t.status in ('active', 'suspended', 'deleting');
