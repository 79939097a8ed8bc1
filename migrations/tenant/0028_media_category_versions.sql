-- Admins change what files are taken, one after the other: each change builds on the one before.
alter table media_categories add column version bigint not null default 1;
