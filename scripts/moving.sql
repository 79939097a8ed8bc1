-- Run by a superuser, once on each server, in a database that then becomes the template `hd_moving` (docs/operations.md). A
-- tenant that comes from another server gets a copy of it, in which `provisioner`, who is no superuser, may follow one
-- publication: PostgreSQL 15 lets only superusers subscribe. The functions go with their schema when the tenant has come.

create schema if not exists moving;
revoke all on schema moving from public;
grant usage on schema moving to :"provisioner";

-- Follows the publication and the slot of that name at an address, `postgres://…`; both are there already. The address holds a
-- password: an error says nothing of it.
create or replace function moving.follow(name text, address text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format('create subscription %I connection %L publication %I with (create_slot = false, slot_name = %L)',
        name, address, name, name);
exception when others then
    raise exception using message = replace(sqlerrm, address, '…'), errcode = sqlstate;
end
$$;

-- Follows nothing any more. The slot at the other end is left to whoever made it.
create or replace function moving.leave() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    name text;
begin
    for name in
        select subname from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
    loop
        execute format('alter subscription %I disable', name);
        execute format('alter subscription %I set (slot_name = none)', name);
        execute format('drop subscription %I', name);
    end loop;
end
$$;

-- Leaves, and takes these functions away.
create or replace function moving.arrive() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform moving.leave();
    drop schema moving cascade;
end
$$;

revoke all on all functions in schema moving from public;
grant execute on function moving.follow, moving.leave, moving.arrive to :"provisioner";
