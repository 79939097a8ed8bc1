-- no-transaction
-- What nobody has taken yet, newest first: the second view of everybody.
create index concurrently if not exists tickets_queued on support_tickets (created_at desc, id desc)
    where assigned_to is null and status = 'open';
