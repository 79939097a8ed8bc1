-- no-transaction
-- Tickets from before there were targets, which are measured bit by bit.
create index concurrently if not exists tickets_sla_unmeasured on support_tickets (id) where sla_policy_id is null and status <> 'closed';
