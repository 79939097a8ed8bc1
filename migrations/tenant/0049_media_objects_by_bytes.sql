-- no-transaction
-- Keys in the order in which the store lists them, whatever the database's own order is.
create index concurrently if not exists media_objects_by_bytes on media_objects (key collate "C");
