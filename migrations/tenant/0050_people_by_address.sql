-- no-transaction
-- People by their address, for whoever comes from another helpdesk.
create index concurrently if not exists users_email on users (email);
