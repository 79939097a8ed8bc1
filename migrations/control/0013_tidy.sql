-- What sweeps and removals look for, and refresh tokens that go when they can lead to nothing any more.

create index passkey_ceremonies_user on passkey_ceremonies (user_id);
-- Whom a provider has brought of late.
create index memberships_age on memberships (tenant_id, created_at);
create index sessions_age on sessions (last_used_at);
create index refresh_tokens_age on refresh_tokens (expires_at);

-- A forgotten token does not take the one with it that it was exchanged for.
alter table refresh_tokens drop constraint refresh_tokens_parent_fkey;
alter table refresh_tokens add constraint refresh_tokens_parent_fkey
    foreign key (parent) references refresh_tokens (hash) on delete set null;
