-- Custom fields whose values are sealed (T-1, SEC-20). A row stays when its field is put away: no value under this key is in clear
-- again.

create table sensitive_fields (
    -- The key in custom_fields.
    key        text primary key,
    marked_at  timestamptz not null,
    -- The last ticket that was looked at for a value from before; empty: all were.
    seal_after bigint default 0,
    -- What the key of sensitive fields sealed when the field was marked. A key that does not open it is another one: nothing is
    -- sealed by that.
    proof      text not null
);

-- Values of sensitive fields by their keys, each sealed and in base64. None of them is in custom_fields.
alter table support_tickets add column sealed_fields jsonb not null default '{}';
