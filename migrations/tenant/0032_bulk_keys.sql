-- With which of their API keys somebody has asked for a bulk job: with its right it is done. And who runs it just now: one does.
alter table bulk_jobs add column run_key bigint, add column runner uuid;
