-- What a tenant may have and what that costs: plans, which tenant has which, prepaid credits, and invoices.

create table plans (
    code              text primary key check (code ~ '^[a-z][a-z0-9-]{0,30}$'),
    name              text not null check (length(name) between 1 and 80),
    -- How many of the staff; none here and below: as many as come.
    agents            int check (agents >= 1),
    tickets_a_month   bigint check (tickets_a_month >= 1),
    storage_bytes     bigint check (storage_bytes >= 0),
    -- Requests of all its people and keys together.
    requests_a_minute int check (requests_a_minute between 60 and 1000000),
    -- Connections of one instance to its database.
    connections       int check (connections between 1 and 20),
    -- For how long its audit trail is kept.
    audit_months      int not null default 60 check (audit_months between 12 and 600),
    -- A month, in the currency's minor units.
    price             bigint not null default 0 check (price between 0 and 1000000000000),
    -- One more ticket than the limit; none: it is refused.
    extra_ticket      bigint check (extra_ticket between 0 and 1000000000),
    currency          text not null check (currency ~ '^[A-Z]{3}$'),
    -- What whoever signs up gets.
    is_default        boolean not null default false,
    version           bigint not null default 1,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    constraint plans_extra_needs_limit check (extra_ticket is null or tickets_a_month is not null)
);
create unique index plans_default on plans (is_default) where is_default;
insert into plans
    (code, name, agents, tickets_a_month, storage_bytes, requests_a_minute, connections, audit_months, price, currency, is_default,
     created_at, updated_at)
values
    -- What a tenant has that was never given another. It is never changed.
    ('unlimited', 'Unlimited', null, null, null, null, null, 60, 0, 'EUR', true, now(), now()),
    ('free', 'Free', 3, 100, 1073741824, 600, 3, 12, 0, 'EUR', false, now(), now()),
    ('team', 'Team', 10, 2000, 10737418240, 3000, 5, 36, 4900, 'EUR', false, now(), now()),
    ('business', 'Business', 50, 20000, 107374182400, 12000, 10, 60, 19900, 'EUR', false, now(), now());

-- Who has which plan; whoever is not here has the one without limits. Locked by whoever takes a seat.
create table tenant_plans (
    tenant_id uuid primary key references tenants (id),
    plan      text not null references plans (code),
    since     timestamptz not null
);
create index tenant_plans_plan on tenant_plans (plan);

-- Since when a tenant has had which plan: invoices are made of it. Appended to, never changed.
create table plan_changes (
    id        bigint generated always as identity primary key,
    tenant_id uuid not null references tenants (id),
    plan      text not null references plans (code),
    since     timestamptz not null,
    asked_by  jsonb not null
);
create index plan_changes_tenant on plan_changes (tenant_id, id);
create index plan_changes_plan on plan_changes (plan);
create trigger append_only before update or delete on plan_changes
for each row execute function audit.refuse_change();
create trigger append_only_whole before truncate on plan_changes execute function audit.refuse_change();

-- Prepaid credits: what each tenant has. The balance is the sum of its entries.
create table credit_accounts (
    tenant_id uuid primary key references tenants (id),
    currency  text not null check (currency ~ '^[A-Z]{3}$'),
    balance   bigint not null default 0 check (balance >= 0),
    entries   bigint not null default 0
);

-- Each thing that was put in or taken out, with what there was after it. Appended to, never changed.
create table credit_entries (
    id        bigint generated always as identity primary key,
    tenant_id uuid not null references credit_accounts (tenant_id),
    -- From 1, without gaps.
    number    bigint not null check (number >= 1),
    kind      text not null check (kind in ('purchase', 'gift', 'spend', 'refund', 'correction')),
    amount    bigint not null check (amount <> 0),
    balance   bigint not null check (balance >= 0),
    -- The same thing is entered once.
    reference text not null check (length(reference) between 1 and 120),
    note      text check (length(note) <= 500),
    made_by   jsonb not null,
    made_at   timestamptz not null,
    constraint credit_entries_number unique (tenant_id, number),
    constraint credit_entries_reference unique (tenant_id, reference)
);
create trigger append_only before update or delete on credit_entries
for each row execute function audit.refuse_change();
create trigger append_only_whole before truncate on credit_entries execute function audit.refuse_change();
revoke update, delete, truncate on credit_entries from current_user;

-- The last number of each year: whoever issues an invoice holds the row, so that no number is missing.
create table invoice_numbers (
    year int primary key,
    last bigint not null
);

-- What a tenant owes for a month. A draft is being made; what is issued is never changed but in whether it is paid.
create table invoices (
    id           uuid primary key,
    tenant_id    uuid not null references tenants (id),
    -- The first day of the month.
    period       date not null check (extract(day from period) = 1),
    state        text not null default 'draft' check (state in ('draft', 'issued', 'paid', 'void')),
    number       text constraint invoices_number unique,
    -- Who it is to, as of when it was issued.
    organisation text,
    currency     text not null,
    subtotal     bigint not null default 0 check (subtotal >= 0),
    -- In hundredths of a percent.
    tax_rate     int not null default 0 check (tax_rate between 0 and 10000),
    tax          bigint not null default 0 check (tax >= 0),
    total        bigint not null default 0,
    -- Paid from credits, and what is left.
    credits      bigint not null default 0 check (credits >= 0),
    due          bigint not null default 0 check (due >= 0),
    -- The payment, as whoever took it names it; why it was refused, when it was.
    payment      text,
    refusal      text,
    created_at   timestamptz not null,
    issued_at    timestamptz,
    paid_at      timestamptz,
    voided_at    timestamptz,
    constraint invoices_period unique (tenant_id, period),
    constraint invoices_adds_up check (total = subtotal + tax and due = total - credits),
    constraint invoices_issued_has_number check ((state = 'draft') = (number is null))
);
create index invoices_tenant on invoices (tenant_id, id);

create table invoice_lines (
    invoice_id uuid not null references invoices (id),
    position   int not null,
    kind       text not null check (kind in ('plan', 'extra_tickets')),
    -- The plan, and the days of the month that it stands for.
    plan       text not null,
    starts     date not null,
    ends       date not null,
    quantity   bigint not null check (quantity >= 0),
    unit       bigint not null check (unit >= 0),
    amount     bigint not null check (amount >= 0),
    primary key (invoice_id, position)
);

create function refuse_invoice_change() returns trigger
language plpgsql as $$
begin
    if tg_op <> 'UPDATE' then
        if old.state = 'draft' then
            return old;
        end if;
        raise exception 'an invoice is never deleted' using errcode = 'insufficient_privilege';
    end if;
    if old.state = 'draft' then
        return new;
    end if;
    if (old.state, new.state) not in (('issued', 'issued'), ('issued', 'paid'), ('issued', 'void'))
        or (to_jsonb(old) - '{state,payment,refusal,paid_at,voided_at}'::text[])
            <> (to_jsonb(new) - '{state,payment,refusal,paid_at,voided_at}'::text[]) then
        raise exception 'what was issued is not changed' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger issued before update or delete on invoices for each row execute function refuse_invoice_change();

create function refuse_line_change() returns trigger
language plpgsql as $$
begin
    if exists (
        select from invoices i
        where i.id = case tg_op when 'INSERT' then new.invoice_id else old.invoice_id end and i.state <> 'draft'
    ) then
        raise exception 'what was issued is not changed' using errcode = 'insufficient_privilege';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger issued before insert or update or delete on invoice_lines for each row execute function refuse_line_change();

create or replace view app_tenants as
select
    t.id,
    t.slug,
    t.organisation,
    t.locale,
    t.status,
    c.host,
    c.port,
    c.pooled_host,
    c.pooled_port,
    t.database_name as database,
    t.role_name as role,
    t.sealed_password,
    t.key_id,
    c.replica_host,
    c.replica_port,
    d.wrapped as wrapped_key,
    p.requests_a_minute,
    p.connections,
    case when p.extra_ticket is null then p.tickets_a_month end as openings_a_month,
    p.storage_bytes
from tenants t
join clusters c on c.id = t.cluster_id
left join data_keys d on d.tenant_id = t.id and t.key_id = 'data:' || d.version
left join tenant_plans tp on tp.tenant_id = t.id
left join plans p on p.code = tp.plan
where t.status in ('active', 'suspended', 'deleting');
