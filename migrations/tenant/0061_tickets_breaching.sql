-- no-transaction
-- What is late, or nearly, and not over, newest first.
create index concurrently if not exists tickets_breaching on support_tickets (created_at desc, id desc)
    where sla_state in ('warning', 'breached') and status in ('open', 'in_progress', 'waiting_customer');
