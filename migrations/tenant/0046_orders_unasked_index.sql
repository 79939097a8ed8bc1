-- no-transaction
-- Open tickets from before anybody asked for their orders.
create index concurrently if not exists tickets_order_unasked on support_tickets (id)
    where order_id is not null and order_check_at is null and status <> 'closed';
