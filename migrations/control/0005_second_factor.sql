-- Second factors: what proves a person besides the password, and the way in that asks for it.

-- The shared secret of a person's authenticator app (RFC 6238), sealed for `user:{id}:totp`.
create table totp_secrets (
    user_id       bigint primary key references users (id),
    sealed_secret bytea not null,
    key_id        text not null,
    -- The time step whose code was accepted last: a code counts once, and none from before it.
    last_step     bigint not null,
    enabled_at    timestamptz not null
);

-- A secret that was shown and of which no code has come back yet; sealed in the same way.
create table totp_setups (
    user_id       bigint primary key references users (id),
    sealed_secret bytea not null,
    key_id        text not null,
    expires_at    timestamptz not null
);

-- Codes for the day on which the phone is gone; only their hashes.
create table recovery_codes (
    user_id    bigint not null references users (id),
    hash       bytea not null,
    created_at timestamptz not null,
    used_at    timestamptz,
    primary key (user_id, hash)
);

-- Wrong codes, and passwords of a step-up that turned out wrong. They are counted per person, so new
-- tickets give no new tries.
create table proof_failures (
    id      bigint generated always as identity primary key,
    user_id bigint not null references users (id),
    at      timestamptz not null
);
create index proof_failures_user on proof_failures (user_id, at);
create index proof_failures_age on proof_failures (at);

-- The one list of who has which second factor.
create view second_factors as
select user_id, 'totp' as kind
from totp_secrets;

-- Whoever has proved one factor and owes the second, or has yet to set one up.
create table login_tickets (
    hash       bytea primary key,
    kind       text not null check (kind in ('challenge', 'enrolment')),
    tenant_id  uuid not null references tenants (id),
    user_id    bigint not null references users (id),
    client     text not null check (client in ('api', 'browser')),
    -- What was proved so far (RFC 8176).
    amr        text[] not null,
    tries      smallint not null default 0,
    expires_at timestamptz not null,
    used_at    timestamptz,
    created_at timestamptz not null
);
create index login_tickets_user on login_tickets (user_id);
create index login_tickets_age on login_tickets (expires_at);

-- How the holder of a session proved who they are, and when they last did so in full. Without a time,
-- it was when the session began.
alter table sessions
    add column amr       text[] not null default '{pwd}',
    add column proved_at timestamptz;

-- The words belong to the service, which knows them all; here they are only bound to look like words.
alter table sessions drop constraint sessions_revoked_reason_check;
alter table sessions add constraint sessions_revoked_reason_check check (revoked_reason ~ '^[a-z_]{1,40}$');
