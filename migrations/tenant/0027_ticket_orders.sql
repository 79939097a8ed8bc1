-- When a ticket is next compared with its order (T-53). Empty for tickets without one, and for those from before anybody
-- asked, which are found and asked for bit by bit. What is known of the order is in metadata.
alter table support_tickets add column order_check_at timestamptz;
