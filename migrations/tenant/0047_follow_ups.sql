-- no-transaction
-- Tickets that go on from a closed one: few of all.
create index concurrently if not exists tickets_follow_ups on support_tickets (follow_up_of, id) where follow_up_of is not null;
