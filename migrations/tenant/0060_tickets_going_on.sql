-- no-transaction
-- What somebody has to do, newest first: the view that is looked at most. What is over is most of what they ever had.
create index concurrently if not exists tickets_going_on on support_tickets (assigned_to, created_at desc, id desc)
    where assigned_to is not null and status in ('open', 'in_progress', 'waiting_customer');
