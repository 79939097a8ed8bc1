-- Who the people are, where they belong, and how they come in.

create table users (
    id                bigint generated always as identity primary key,
    -- Trimmed, lower case, NFC.
    email             text not null constraint users_email_key unique,
    firstname         text not null,
    lastname          text not null,
    locale            text not null check (locale in ('en', 'fr')),
    -- argon2id, as a PHC string.
    password_hash     text not null,
    email_verified_at timestamptz,
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);

-- A person in a tenant.
create table memberships (
    tenant_id  uuid not null references tenants (id),
    user_id    bigint not null references users (id),
    role       text not null check (role in ('customer', 'agent', 'manager', 'admin')),
    -- Pending until the person has proved their address to this tenant.
    status     text not null check (status in ('pending', 'active', 'removed')),
    -- Grows with each change, so that a late event does not overwrite newer state.
    version    bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, user_id)
);
create index memberships_user on memberships (user_id);

-- Claims to an address, each with the link that proves it, of which only the hash is here. Whoever
-- registers leaves one, known or not: a link that was never sent opens nothing.
create table email_tokens (
    hash          bytea primary key,
    user_id       bigint not null references users (id),
    tenant_id     uuid not null references tenants (id),
    -- What was given with the address. It counts only if nobody had proved the address before, and
    -- if others claim the address too, only for whoever knows the password.
    password_hash text not null,
    firstname     text not null,
    lastname      text not null,
    -- Passwords that were tried with this link.
    tries         smallint not null default 0,
    expires_at    timestamptz not null,
    used_at       timestamptz,
    created_at    timestamptz not null
);
create index email_tokens_user on email_tokens (user_id, tenant_id, created_at);

create table invitations (
    id          bigint generated always as identity primary key,
    tenant_id   uuid not null references tenants (id),
    email       text not null,
    role        text not null check (role in ('customer', 'agent', 'manager', 'admin')),
    token_hash  bytea not null constraint invitations_token_key unique,
    invited_by  bigint not null references users (id),
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    created_at  timestamptz not null
);
-- One open invitation per address and tenant.
create unique index invitations_open on invitations (tenant_id, email) where accepted_at is null and revoked_at is null;
create index invitations_tenant on invitations (tenant_id, id desc);
create index invitations_age on invitations (tenant_id, created_at);

-- A sign-in and everything that is refreshed from it: one family of tokens.
create table sessions (
    id             uuid primary key,
    tenant_id      uuid not null references tenants (id),
    user_id        bigint not null references users (id),
    client         text not null check (client in ('api', 'browser')),
    ip             text,
    user_agent     text,
    created_at     timestamptz not null,
    last_used_at   timestamptz not null,
    revoked_at     timestamptz,
    revoked_reason text check (revoked_reason in ('logout', 'logout_all', 'reuse', 'removed', 'address_proved')),
    check ((revoked_at is null) = (revoked_reason is null))
);
create index sessions_user on sessions (user_id, tenant_id) where revoked_at is null;

create table refresh_tokens (
    hash          bytea primary key,
    session_id    uuid not null references sessions (id) on delete cascade,
    -- The token that was exchanged for this one.
    parent        bytea references refresh_tokens (hash) on delete cascade,
    issued_at     timestamptz not null,
    expires_at    timestamptz not null,
    -- Exchanged for another.
    used_at       timestamptz,
    -- Replaced by a sibling, because the answer that carried it seems to have been lost.
    superseded_at timestamptz
);
create index refresh_tokens_parent on refresh_tokens (parent);
create index refresh_tokens_session on refresh_tokens (session_id);
-- One living token per family, whatever is asked at once.
create unique index refresh_tokens_live on refresh_tokens (session_id) where used_at is null and superseded_at is null;

-- Where organisations came from, for a day: whoever proves no address signs up only so many.
create table sign_ups (
    tenant_id uuid primary key references tenants (id),
    user_id   bigint not null references users (id),
    -- An IPv4 address or an IPv6 network.
    source    text,
    at        timestamptz not null
);
create index sign_ups_user on sign_ups (user_id, at);
create index sign_ups_source on sign_ups (source, at);
