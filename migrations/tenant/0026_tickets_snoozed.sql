-- no-transaction
create index concurrently if not exists tickets_snoozed on support_tickets (snoozed_until, id) where snoozed_until is not null;
