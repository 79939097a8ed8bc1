-- What app-api asks for a conversation, without the ticket's own row (messages/store.rs).
\set id random(:first, :last)
select m.id, m.ticket_id, m.sender_id, m.sender_type, u.firstname, u.lastname, m.message, m.message_html, m.is_internal, m.read_at,
    m.created_at, m.updated_at
from ticket_messages m
left join users u on u.id = m.sender_id
where m.ticket_id = :id and m.id > 0
order by m.id
limit 51;
