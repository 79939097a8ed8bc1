-- no-transaction
-- Whoever looks for what has failed finds it among half a year of what was done. Open jobs have `jobs_due`.
create index concurrently if not exists jobs_failed on jobs (id) where outcome = 'failed';
