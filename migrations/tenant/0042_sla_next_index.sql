-- no-transaction
-- What warns or is breached next, of all clocks that run.
create index concurrently if not exists tickets_sla_next on support_tickets (sla_next_at) where sla_next_at is not null;
