-- OpenID Connect: an organisation's own identity provider, and whom it has vouched for.

create table identity_providers (
    tenant_id     uuid primary key references tenants (id),
    issuer        text not null,
    client_id     text not null,
    -- Sealed for `tenant:{id}:oidc`.
    sealed_secret bytea not null,
    key_id        text not null,
    name          text not null,
    -- Only addresses of these domains are believed.
    domains       text[] not null check (cardinality(domains) between 1 and 50),
    -- What newcomers become; nobody becomes more by coming.
    default_role  text not null check (default_role in ('customer', 'agent')),
    enabled       boolean not null,
    version       bigint not null default 1,
    created_at    timestamptz not null,
    updated_at    timestamptz not null
);

-- Who somebody is at the provider: found again by issuer and subject, whatever their address is then.
create table identity_links (
    tenant_id    uuid not null references tenants (id),
    issuer       text not null,
    subject      text not null,
    user_id      bigint not null references users (id),
    created_at   timestamptz not null,
    last_used_at timestamptz not null,
    primary key (tenant_id, issuer, subject),
    -- One person has one identity at a provider.
    constraint identity_links_user_key unique (tenant_id, issuer, user_id)
);
create index identity_links_user on identity_links (user_id);

-- A way to the provider that somebody is on: ten minutes, once, and only in the browser that began it.
create table sso_attempts (
    state_hash   bytea primary key,
    -- The hash of the cookie of the browser that began.
    browser_hash bytea not null,
    tenant_id    uuid not null references tenants (id),
    issuer       text not null,
    nonce        text not null,
    -- The PKCE verifier, sealed for `tenant:{id}:oidc`.
    sealed_verifier bytea not null,
    -- Where to go inside afterwards.
    next         text not null,
    expires_at   timestamptz not null,
    used_at      timestamptz
);
create index sso_attempts_age on sso_attempts (expires_at);

-- Whether its owner had proved the account itself when they made a passkey, and not only been vouched
-- for by one organisation.
alter table passkeys add column own boolean not null default true;
