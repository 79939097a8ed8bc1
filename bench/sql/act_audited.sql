-- The same with its audit row, in one statement as acts write it.
begin;
with event as (
    insert into events (id, kind, exchange, routing_key, subject, data, actor, request_id, occurred_at, published_at)
    values (gen_random_uuid(), 'TicketStatusChanged', 'sav_exchange', 'sav.ticket.status_changed', 'ticket:42',
        '{"ticket_id": 42, "previous_status": "open", "new_status": "closed"}', '{"kind": "person", "id": 7, "role": "agent"}',
        '0192f0c1-0000-7000-8000-000000000000', now(), now())
)
insert into audit_logs (at, actor, action, resource, changes, ip, user_agent, request_id, duration_us)
values (now(), '{"kind": "person", "id": 7, "role": "agent"}', 'TicketStatusChanged', 'ticket:42',
    '{"before": {"status": "open"}, "after": {"status": "closed"}}', '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64)',
    '0192f0c1-0000-7000-8000-000000000000', 2500);
rollback;
