-- no-transaction
-- Lists of what is late, or nearly: a small part of all tickets.
create index concurrently if not exists tickets_sla_late on support_tickets (sla_state, created_at desc, id desc)
    where sla_state in ('warning', 'breached');
