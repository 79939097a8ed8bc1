-- 100 000 tickets and 500 000 messages in one tenant's database, spread over statuses, priorities, people and a year.
-- Expects: 200 customers and 20 agents from id 1000000 on do not exist yet.
insert into users (id, email, firstname, lastname, role, version)
select 1000000 + n, 'person' || n || '@bench.example', 'Person', n::text, case when n < 20 then 'agent' else 'customer' end, 1
from generate_series(0, 219) n;

insert into support_tickets
    (ticket_number, user_id, subject, description, description_html, priority, status, assigned_to, created_at, updated_at)
select
    'TKT-F' || lpad(n::text, 7, '0'),
    1000020 + n % 200,
    'The machine number ' || n || ' stops after two pages',
    repeat('It worked yesterday and today it does not. ', 5),
    '<p>' || repeat('It worked yesterday and today it does not. ', 5) || '</p>',
    (array['low', 'medium', 'high', 'urgent'])[1 + n % 4],
    (array['open', 'in_progress', 'waiting_customer', 'resolved', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed'])[1 + n % 10],
    case when n % 10 = 0 then null else 1000000 + n % 20 end,
    now() - n * interval '5 minutes',
    now() - n * interval '5 minutes'
from generate_series(1, 100000) n;

insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, is_internal, created_at, updated_at)
select
    t.id,
    case when m % 2 = 0 then t.user_id else 1000000 + t.id % 20 end,
    case when m % 2 = 0 then 'customer' else 'agent' end,
    repeat('Have you tried to switch it off and on again? ', 4),
    '<p>' || repeat('Have you tried to switch it off and on again? ', 4) || '</p>',
    m = 3,
    t.created_at + m * interval '10 minutes',
    t.created_at + m * interval '10 minutes'
from support_tickets t, generate_series(1, 5) m
where t.ticket_number like 'TKT-F%';

analyze;
