-- Links that let somebody do one thing once, and tries to come in.

-- Somebody asked for a mail with a link. Known or not, an address leaves the same row, so that the
-- time of the answer tells nobody apart; the worker looks who it is.
create table link_wishes (
    id         bigint generated always as identity primary key,
    purpose    text not null check (purpose in ('password', 'sign_in')),
    tenant_id  uuid not null references tenants (id),
    email      text not null,
    created_at timestamptz not null,
    -- Asked again before anybody looked: one wish.
    constraint link_wishes_once unique (purpose, tenant_id, email)
);

-- What the links are good for; of each link only the hash is here.
create table mail_links (
    hash       bytea primary key,
    -- password: choose a new one; sign_in: come in; new_address: take this address;
    -- old_address: go back to the address that was left.
    purpose    text not null check (purpose in ('password', 'sign_in', 'new_address', 'old_address')),
    user_id    bigint not null references users (id),
    tenant_id  uuid not null references tenants (id),
    -- The address that it went to. A link to an address that its account has left opens nothing.
    email      text not null,
    -- The session that asked; it stays when the others end.
    session_id uuid,
    expires_at timestamptz not null,
    used_at    timestamptz,
    created_at timestamptz not null
);
create index mail_links_user on mail_links (user_id, purpose) where used_at is null;
create index mail_links_age on mail_links (expires_at);

-- Passwords that were tried, and turned out wrong or have not turned out yet. Accounts, sources and
-- passwords stand here as keyed marks: nobody reads from this table who tried what.
create table sign_in_failures (
    id       bigint generated always as identity primary key,
    -- Of the address in the one spelling that counts, known or not.
    account  bytea not null,
    -- Of the network that the try came from, of the device or of the session.
    source   bytea not null,
    -- Of the password.
    password bytea not null,
    at       timestamptz not null,
    -- It was wrong; until then it is still being looked at.
    settled  boolean not null default false
);
create index sign_in_failures_account on sign_in_failures (account, at);
create index sign_in_failures_source on sign_in_failures (source, at);
create index sign_in_failures_password on sign_in_failures (password, at);
create index sign_in_failures_age on sign_in_failures (at);

-- Where somebody came in from before: they come in from there although others try their account.
create table known_sources (
    user_id bigint not null references users (id),
    source  bytea not null,
    at      timestamptz not null,
    primary key (user_id, source)
);
create index known_sources_age on known_sources (at);

-- Whether customers may come in by a link instead of a password.
alter table tenants add column customer_magic_link boolean not null default true;
