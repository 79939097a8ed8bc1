-- Keys for programs: each acts for the admin who made it, within its scopes.

create table api_keys (
    id           bigint generated always as identity primary key,
    tenant_id    uuid not null references tenants (id),
    -- Who made it, and for whom it acts.
    user_id      bigint not null references users (id),
    name         text not null,
    -- The part that is shown again, so that people know which one it is.
    prefix       text not null constraint api_keys_prefix_key unique,
    -- SHA-256 of the whole key, which has 256 random bits.
    hash         bytea not null constraint api_keys_hash_key unique,
    scopes       text[] not null check (cardinality(scopes) > 0),
    expires_at   timestamptz,
    -- To the minute.
    last_used_at timestamptz,
    created_at   timestamptz not null,
    revoked_at   timestamptz
);
create index api_keys_tenant on api_keys (tenant_id, id desc) where revoked_at is null;
create index api_keys_user on api_keys (user_id, tenant_id) where revoked_at is null;

create function note_key_changed() returns trigger
language plpgsql
as $$
begin
    insert into access_changes (kind, tenant_id, user_id, key_id)
    values ('key_changed', new.tenant_id, new.user_id, new.id);
    return null;
end
$$;
create trigger api_keys_ended
after update of revoked_at on api_keys
for each row when (old.revoked_at is null and new.revoked_at is not null)
execute function note_key_changed();

-- What the app plane may know of keys, and the one thing that it may write: that one was used.
create view app_api_keys as
select id, tenant_id, user_id, hash, scopes, expires_at
from api_keys
where revoked_at is null;

create function app_key_used(used_key bigint, used_at timestamptz) returns void
language sql security definer set search_path = public, pg_temp
as $$
    update api_keys
    set last_used_at = used_at
    where id = used_key and (last_used_at is null or last_used_at < used_at - interval '1 minute')
$$;
revoke all on function app_key_used(bigint, timestamptz) from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'app_reader') then
        grant select on app_api_keys to app_reader;
        grant execute on function app_key_used(bigint, timestamptz) to app_reader;
    end if;
end
$$;
