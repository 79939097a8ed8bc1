-- Passkeys (WebAuthn). A browser keeps them for one host, and each tenant has its own: a passkey is
-- good at the tenant where it was made, and nowhere else.

-- Under which name authenticators know a person at a tenant: random, so that it tells nothing.
create table passkey_holders (
    tenant_id  uuid not null references tenants (id),
    user_id    bigint not null references users (id),
    handle     uuid not null constraint passkey_holders_handle_key unique,
    created_at timestamptz not null,
    primary key (tenant_id, user_id)
);

create table passkeys (
    id            bigint generated always as identity primary key,
    tenant_id     uuid not null,
    user_id       bigint not null,
    credential_id bytea not null,
    -- Public key, counter and flags, as webauthn-rs keeps them.
    credential    jsonb not null,
    name          text not null,
    created_at    timestamptz not null,
    last_used_at  timestamptz,
    foreign key (tenant_id, user_id) references passkey_holders (tenant_id, user_id),
    constraint passkeys_credential_key unique (tenant_id, credential_id)
);
create index passkeys_holder on passkeys (tenant_id, user_id, id);
create index passkeys_user on passkeys (user_id);

-- What was asked of an authenticator, until it answers: five minutes, once. The client has only a token.
create table passkey_ceremonies (
    hash       bytea primary key,
    kind       text not null check (kind in ('register', 'login', 'second', 'step_up')),
    tenant_id  uuid not null references tenants (id),
    -- Whose; nobody knows at a login.
    user_id    bigint references users (id),
    -- What it belongs to: a session's id, or a login ticket's hash in hex.
    owner      text,
    -- What the new passkey is to be called.
    name       text,
    -- Where the refresh token goes.
    client     text check (client in ('api', 'browser')),
    state      jsonb not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    check ((kind = 'login') = (user_id is null))
);
create index passkey_ceremonies_age on passkey_ceremonies (expires_at);

-- A passkey counts at its own tenant alone; what has no tenant counts at all of them.
create or replace view second_factors as
select user_id, 'totp' as kind, null::uuid as tenant_id
from totp_secrets
union all
select user_id, 'passkey', tenant_id
from passkeys;
