-- no-transaction
-- Files of a content that an organisation refuses are found and taken away.
create index concurrently if not exists ticket_attachments_sha256 on ticket_attachments (sha256, id);
