-- no-transaction
-- What is out of sight of the queue, newest first.
create index concurrently if not exists tickets_asleep on support_tickets (created_at desc, id desc) where snoozed_until is not null;
