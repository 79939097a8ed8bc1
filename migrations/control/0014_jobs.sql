-- Long work of the platform, done in steps by whichever worker is free. How far each has come stands here, so a crash
-- at any moment is resumed by whoever looks next.

create table jobs (
    id           uuid primary key,
    kind         text not null check (kind ~ '^[a-z_]{1,40}$'),
    -- Whose data it is about, if anybody's.
    tenant_id    uuid references tenants (id),
    -- Which server it is about, if one.
    cluster_id   bigint references clusters (id),
    -- The step that comes next.
    step         text not null check (step ~ '^[a-z_]{1,40}$'),
    -- What earlier steps leave to later ones. No secret stands here.
    state        jsonb not null default '{}',
    -- It changes where or whether a tenant's data is: one at a time for each tenant.
    is_exclusive boolean not null,
    attempts     int not null default 0,
    next_at      timestamptz not null,
    holder       uuid,
    leased_until timestamptz,
    last_error   text,
    -- How much of the present step is done, in whatever it counts.
    done         bigint not null default 0,
    total        bigint,
    outcome      text check (outcome in ('done', 'failed')),
    asked_by     jsonb not null,
    created_at   timestamptz not null,
    finished_at  timestamptz,
    constraint jobs_finished_have_outcome check ((finished_at is null) = (outcome is null))
);
create index jobs_due on jobs (next_at) where finished_at is null;
create unique index jobs_one_for_tenant on jobs (tenant_id) where finished_at is null and is_exclusive;
create index jobs_tenant on jobs (tenant_id, id);
create index jobs_age on jobs (finished_at) where finished_at is not null;
