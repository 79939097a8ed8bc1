-- no-transaction
-- Tickets by tag, for `tag:`. Most tickets have none, and change without touching this index.
create index concurrently if not exists tickets_tags on support_tickets using gin (tags) where tags <> '{}';
