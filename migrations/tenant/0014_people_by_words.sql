-- no-transaction
-- People by a part of their name or address, for `requester:` and `assignee:`.
create index concurrently if not exists users_words on users
    using gin ((firstname || ' ' || lastname || ' ' || email) gin_trgm_ops);
