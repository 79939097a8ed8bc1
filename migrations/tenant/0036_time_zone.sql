-- By which clock an organisation's days begin, in its reports: an IANA name, as Europe/Paris.

alter table settings add column time_zone text not null default 'UTC';
