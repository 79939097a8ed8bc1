-- What an act writes besides its own rows, without the audit trail (shared/src/audit/store.rs). Taken back at the end:
-- the flush of a commit would hide the difference, which is what this is for.
begin;
insert into events (id, kind, exchange, routing_key, subject, data, actor, request_id, occurred_at, published_at)
values (gen_random_uuid(), 'TicketStatusChanged', 'sav_exchange', 'sav.ticket.status_changed', 'ticket:42',
    '{"ticket_id": 42, "previous_status": "open", "new_status": "closed"}', '{"kind": "person", "id": 7, "role": "agent"}',
    '0192f0c1-0000-7000-8000-000000000000', now(), now());
rollback;
