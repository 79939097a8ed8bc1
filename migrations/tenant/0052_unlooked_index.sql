-- no-transaction
-- Tickets of which nobody has looked since when their customer waits.
create index concurrently if not exists tickets_unlooked on support_tickets (id) where waiting_since is null and status <> 'closed';
