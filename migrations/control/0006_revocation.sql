-- What changes somebody's access. Every instance of the app plane follows this table and has acted on
-- a row within seconds, whatever becomes of Redis and RabbitMQ.

create table access_changes (
    id         bigint generated always as identity primary key,
    -- The writing transaction. A follower asks for what its last snapshot did not show, so it misses
    -- nothing that was written early and committed late.
    xid        xid8 not null default pg_current_xact_id(),
    -- The server's own clock: followers compare it with no other.
    at         timestamptz not null default clock_timestamp(),
    kind       text not null check (kind in ('session_ended', 'member_changed', 'tenant_changed', 'key_changed')),
    tenant_id  uuid not null,
    user_id    bigint,
    session_id uuid,
    key_id     bigint
);
create index access_changes_xid on access_changes (xid);
create index access_changes_age on access_changes (at);

-- Triggers, so that no way of ending somebody's access can forget to say so.
create function note_session_ended() returns trigger
language plpgsql
as $$
begin
    insert into access_changes (kind, tenant_id, user_id, session_id)
    values ('session_ended', new.tenant_id, new.user_id, new.id);
    return null;
end
$$;
create trigger sessions_ended
after update of revoked_at on sessions
for each row when (old.revoked_at is null and new.revoked_at is not null)
execute function note_session_ended();

create function note_member_changed() returns trigger
language plpgsql
as $$
begin
    insert into access_changes (kind, tenant_id, user_id)
    values ('member_changed', new.tenant_id, new.user_id);
    return null;
end
$$;
create trigger memberships_changed
after update on memberships
for each row when (old.status <> 'pending')
execute function note_member_changed();

create function note_tenant_changed() returns trigger
language plpgsql
as $$
begin
    insert into access_changes (kind, tenant_id)
    values ('tenant_changed', new.id);
    return null;
end
$$;
create trigger tenants_changed
after update of status on tenants
for each row when (old.status is distinct from new.status)
execute function note_tenant_changed();

-- The words belong to the service, which knows them all; here they are only bound to look like words.
alter table sessions drop constraint if exists sessions_revoked_reason_check;
alter table sessions add constraint sessions_revoked_reason_check check (revoked_reason ~ '^[a-z_]{1,40}$');

-- Where a session was opened, if a proxy of ours says so: a country's two letters.
alter table sessions add column country text check (country ~ '^[A-Z]{2}$');

-- What a person came in with before, and from which network: another one is told of by mail. Kept for
-- longer than the sessions themselves.
create table known_devices (
    user_id bigint not null references users (id),
    -- Browser and system, as `Firefox · Linux`.
    device  text not null,
    -- The provider's part of the address: /16 of IPv4, /32 of IPv6; empty without an address.
    network text not null,
    seen_at timestamptz not null,
    primary key (user_id, device, network)
);
create index known_devices_age on known_devices (seen_at);

create view app_access_changes as
select xid, at, kind, tenant_id, user_id, session_id, key_id
from access_changes;

do $$
begin
    if exists (select from pg_roles where rolname = 'app_reader') then
        grant select on app_access_changes to app_reader;
    end if;
end
$$;
