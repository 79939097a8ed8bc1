-- What plans and invoices lacked: what a plan cost stands with who had it, a trail that is to be kept for less is kept for
-- a while longer, money that came for nothing owed is written down, and a voided invoice can be made anew.

-- What the plan cost then; none in older rows: what it costs, which stays once somebody has had it.
alter table plan_changes
    add column price bigint check (price >= 0),
    add column extra_ticket bigint check (extra_ticket >= 0),
    add column tickets_a_month bigint check (tickets_a_month >= 1),
    add column currency text check (currency ~ '^[A-Z]{3}$');

-- A plan that keeps the trail for less counts from a later moment: until then it is kept for so many months.
alter table tenant_plans
    add column longer_months int check (longer_months >= 12),
    add column longer_until timestamptz,
    add constraint tenant_plans_longer_both check ((longer_months is null) = (longer_until is null));
create index tenant_plans_longer on tenant_plans (longer_until) where longer_until is not null;

-- An account without credits may go on in another currency. Entries say theirs; older ones are in the account's first.
alter table credit_accounts add column first_currency text check (first_currency ~ '^[A-Z]{3}$');
alter table credit_entries add column currency text check (currency ~ '^[A-Z]{3}$');

-- What was paid for an invoice that is not owed any more: somebody gives it back.
create table unexpected_payments (
    invoice_id    uuid not null references invoices (id),
    -- As whoever took it names it.
    payment       text not null check (length(payment) between 1 and 200),
    amount        bigint not null check (amount > 0),
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    -- Where the invoice stood.
    invoice_state text not null check (invoice_state in ('paid', 'void')),
    came_at       timestamptz not null,
    returned_at   timestamptz,
    -- How, in somebody's words.
    note          text check (length(note) <= 500),
    primary key (invoice_id, payment)
);
create index unexpected_payments_open on unexpected_payments (came_at) where returned_at is null;

-- A month has one invoice that counts.
alter table invoices drop constraint invoices_period;
create unique index invoices_period on invoices (tenant_id, period) where state <> 'void';
-- The one that a month has had, void or not.
create index invoices_month on invoices (tenant_id, period);

create function refuse_issued_invoice() returns trigger
language plpgsql as $$
begin
    if new.state <> 'draft' then
        raise exception 'an invoice begins as a draft' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger begun before insert on invoices for each row execute function refuse_issued_invoice();

-- A line neither comes to an issued invoice nor leaves one, not even by going to another.
create or replace function refuse_line_change() returns trigger
language plpgsql as $$
begin
    if exists (
        select from invoices i
        where i.state <> 'draft'
            and (tg_op <> 'INSERT' and i.id = old.invoice_id or tg_op <> 'DELETE' and i.id = new.invoice_id)
    ) then
        raise exception 'what was issued is not changed' using errcode = 'insufficient_privilege';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;

create trigger issued_whole before truncate on invoices execute function audit.refuse_change();
create trigger issued_whole before truncate on invoice_lines execute function audit.refuse_change();
