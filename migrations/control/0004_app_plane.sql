-- What the app plane may know: where each served tenant's database is, and who its people are.

create view app_tenants as
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
where t.status in ('active', 'suspended');

create view app_people as
select
    m.tenant_id,
    m.user_id,
    u.email,
    u.firstname,
    u.lastname,
    u.locale,
    m.role,
    m.status = 'active' as active,
    m.version
from memberships m
join users u on u.id = m.user_id
where m.status <> 'pending';

-- The last migration that was applied: the app plane serves only what it knows.
create function app_schema() returns bigint
language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return (select max(version) from _sqlx_migrations where success);
end
$$;
revoke all on function app_schema() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'app_reader') then
        grant select on app_tenants, app_people to app_reader;
        grant execute on function app_schema() to app_reader;
    end if;
end
$$;
