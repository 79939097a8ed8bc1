-- The audit trail by months, with what was refused, and the seals over it. Each tenant's database has
-- the same (tenant/0003).

-- The partitions lie in a schema of their own, in which a tenant's role may do nothing: it reaches
-- rows by audit_logs alone, and partitions that are made later give it no rights.
create schema audit;

create sequence audit_logs_ids;
select setval('audit_logs_ids', (select coalesce(max(id), 0) + 1 from audit_logs), false);

-- What is there becomes the first partition, in place: nothing is copied but for the new columns.
drop index audit_logs_at, audit_logs_resource;
alter table audit_logs drop constraint audit_logs_pkey;
alter table audit_logs alter column id drop identity;
alter table audit_logs alter column outcome drop default;
alter table audit_logs
    add column xid xid8 not null default pg_current_xact_id(),
    add column tenant_id uuid,
    add column status smallint,
    add column code text,
    add column duration_us bigint;
alter table audit_logs set schema audit;
alter table audit.audit_logs rename to logs_past;
-- Rows so far name their tenant in what changed.
update audit.logs_past set tenant_id = (changes ->> 'tenant_id')::uuid;

-- Who did what, and what was refused. Appended to, never changed.
create table audit_logs (
    -- First, so that a transaction has its number before it draws an id: whoever sees a later id
    -- committed sees this transaction running, and sealing may rely on that.
    xid         xid8 not null default pg_current_xact_id(),
    id          bigint not null default nextval('audit_logs_ids'),
    at          timestamptz not null,
    -- Whose it is; empty in a tenant's own database.
    tenant_id   uuid,
    actor       jsonb not null,
    action      text not null,
    resource    text not null,
    -- Before and after, secrets masked.
    changes     jsonb not null,
    ip          text,
    user_agent  text,
    request_id  text,
    outcome     text not null default 'success' check (outcome in ('success', 'error')),
    -- What the answer said, where it was an error.
    status      smallint,
    code        text,
    -- From the request's arrival until this was written, in microseconds.
    duration_us bigint,
    primary key (id, at)
) partition by range (at);
create index audit_logs_at on audit_logs (at desc, id desc);
create index audit_logs_tenant on audit_logs (tenant_id, at desc, id desc);
create index audit_logs_actor on audit_logs (tenant_id, (actor ->> 'id'), at desc, id desc);
create index audit_logs_action on audit_logs (tenant_id, action, at desc, id desc);
create index audit_logs_resource on audit_logs (tenant_id, resource text_pattern_ops, at desc, id desc);
-- The platform's trail is searched without a tenant.
create index audit_logs_all_action on audit_logs (action, at desc, id desc);
create index audit_logs_all_resource on audit_logs (resource text_pattern_ops, at desc, id desc);
create index audit_logs_errors on audit_logs (tenant_id, at desc, id desc) where outcome = 'error';

-- Which partitions there are. They leave no gap: a row always finds its place, however long nobody
-- has made months. The last one takes whatever comes after the months that are made.
create table audit.partitions (
    name   text primary key,
    starts timestamptz not null unique,
    ends   timestamptz not null unique
);

-- For how long rows are kept: longer than a year, five unless told. No service may change it.
create table audit.retention (
    only_row boolean primary key default true check (only_row),
    months   int not null default 60 check (months >= 12)
);
insert into audit.retention default values;

-- Each seal covers some rows and the seal before it. Appended to, never changed, never dropped.
create table audit_seals (
    seq       bigint primary key,
    -- Rows of one month share a seal, so that a month leaves whole seals behind.
    month     date not null,
    ids       int8multirange not null,
    row_count int not null,
    rows_hash bytea not null,
    previous  bytea not null,
    hash      bytea not null,
    -- Whatever was visible up to this id was sealed, as seen by this snapshot.
    highest   bigint not null,
    snapshot  text not null,
    -- Every id up to this one is sealed or will never be.
    settled   bigint not null,
    sealed_at timestamptz not null
);

create function audit.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'the audit trail is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete on audit_logs for each row execute function audit.refuse_change();
create trigger append_only_whole before truncate on audit_logs execute function audit.refuse_change();
create trigger append_only before update or delete on audit_seals for each row execute function audit.refuse_change();
create trigger append_only_whole before truncate on audit_seals execute function audit.refuse_change();

-- Adds one partition. Attaching does not stop those who write into the others.
create function audit.add(name text, starts timestamptz, ends timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
begin
    if to_regclass(format('audit.%I', name)) is null then
        execute format('create table audit.%I (like public.audit_logs including defaults including constraints)', name);
    end if;
    execute format('alter table public.audit_logs attach partition audit.%I for values from (%L) to (%L)', name, starts, ends);
    insert into audit.partitions values (name, starts, ends);
end
$$;

-- Makes this month and the next three, and says where the months that are made end. Rows that came
-- later than that stay where they are: their partition becomes that of the months they fell into.
-- Only this function makes partitions: it runs with its owner's rights, takes no argument, and goes
-- by the server's clock. It gives up at once where it would keep others waiting.
create function audit_make_months() returns timestamptz
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '300ms' set timezone = 'UTC' as $$
declare
    this    timestamptz := date_trunc('month', now());
    wanted  timestamptz := this + interval '4 months';
    begins  timestamptz;
    until   timestamptz;
    named   text;
    used    boolean;
begin
    select starts into begins from audit.partitions where ends = 'infinity';
    if begins >= wanted or not pg_try_advisory_xact_lock(hashtext('audit months')) then
        return begins;
    end if;
    -- Once more, behind the lock.
    select starts into begins from audit.partitions where ends = 'infinity';
    if begins >= wanted then
        return begins;
    end if;
    alter table public.audit_logs detach partition audit.logs_ahead;
    delete from audit.partitions where name = 'logs_ahead';
    select exists (select from audit.logs_ahead) into used;
    create temporary table moved on commit drop as table audit.logs_ahead with no data;
    if used then
        until := greatest(this + interval '1 month', begins + interval '1 month');
        with gone as (delete from audit.logs_ahead where at >= until returning *)
        insert into pg_temp.moved select * from gone;
        named := 'logs_' || to_char(begins, 'YYYY_MM');
        execute format('alter table audit.logs_ahead rename to %I', named);
        perform audit.add(named, begins, until);
        begins := until;
    else
        drop table audit.logs_ahead;
    end if;
    while begins < wanted loop
        perform audit.add('logs_' || to_char(begins, 'YYYY_MM'), begins, begins + interval '1 month');
        begins := begins + interval '1 month';
    end loop;
    perform audit.add('logs_ahead', begins, 'infinity');
    insert into public.audit_logs select * from pg_temp.moved;
    drop table pg_temp.moved;
    return begins;
end
$$;

-- Drops the months that have been kept long enough, whole, once all their rows are sealed; says how
-- many. That they went is a row of the trail itself.
create function audit_drop_expired() returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '300ms' set timezone = 'UTC' as $$
declare
    kept    int := (select months from audit.retention);
    cutoff  timestamptz := date_trunc('month', now()) - make_interval(months => kept);
    sealed  bigint := coalesce((select max(settled) from public.audit_seals), 0);
    old     audit.partitions;
    used    boolean;
    waits   boolean;
    until   timestamptz;
    dropped int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtext('audit months')) then
        return 0;
    end if;
    for old in select * from audit.partitions where ends <= cutoff order by starts loop
        execute format('select exists (select from audit.%1$I), exists (select from audit.%1$I where id > $1)', old.name)
            into used, waits using sealed;
        exit when waits;
        -- The empty first one stays: a row out of the past needs a place.
        continue when old.name = 'logs_past' and not used;
        execute format('alter table public.audit_logs detach partition audit.%I', old.name);
        execute format('drop table audit.%I', old.name);
        delete from audit.partitions where name = old.name;
        until := old.ends;
        dropped := dropped + 1;
    end loop;
    if dropped > 0 then
        if exists (select from audit.partitions where name = 'logs_past') then
            alter table public.audit_logs detach partition audit.logs_past;
            drop table audit.logs_past;
            delete from audit.partitions where name = 'logs_past';
        end if;
        perform audit.add('logs_past', '-infinity', until);
        insert into public.audit_logs (at, actor, action, resource, changes)
        values (now(), '{"kind": "system", "name": "audit"}', 'AuditExpired', 'audit:' || to_char(until, 'YYYY-MM-DD'),
            jsonb_build_object('after', jsonb_build_object('before', to_char(until, 'YYYY-MM-DD'), 'kept_months', kept)));
    end if;
    return dropped;
end
$$;

do $$
declare
    next timestamptz := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + interval '1 month';
    whose record;
begin
    perform audit.add('logs_past', '-infinity', next);
    perform audit.add('logs_ahead', next, 'infinity');
    perform audit_make_months();
    -- In a tenant's database that exists already: what its role might do, it may, and no more.
    for whose in
        select distinct grantee::regrole::text as role
        from pg_class c, aclexplode(c.relacl)
        where c.oid = 'audit.logs_past'::regclass and grantee not in (0, c.relowner)
    loop
        execute format('grant select, insert on audit_logs, audit_seals to %s', whose.role);
        execute format('revoke update, delete, truncate on audit_logs, audit_seals from %s', whose.role);
        execute format('grant usage on sequence audit_logs_ids to %s', whose.role);
        execute format('revoke update on sequence audit_logs_ids from %s', whose.role);
    end loop;
end
$$;

-- The newest seal of each tenant's trail, as this plane has seen it: who cuts a chain off in the
-- tenant's database, or makes another one, does not change it here.
create table audit_anchors (
    tenant_id   uuid primary key references tenants (id),
    seq         bigint not null,
    hash        bytea not null,
    -- Since when the trail does not contain this seal any more.
    broken_at   timestamptz,
    anchored_at timestamptz not null
);
