-- no-transaction
-- Tickets alone by time: similar words are compared in the newest of them first.
create index concurrently if not exists search_tickets_newest on search_entries (at) where message_id = 0;
