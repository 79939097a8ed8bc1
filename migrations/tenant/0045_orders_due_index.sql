-- no-transaction
-- Open tickets with an order, by when they are next compared with it.
create index concurrently if not exists tickets_order_check on support_tickets (order_check_at)
    where order_check_at is not null and status <> 'closed';
