-- What app-api asks for one ticket (tickets/store/read.rs).
\set id random(:first, :last)
select t.id, t.ticket_number, t.user_id, t.subject, t.description, t.description_html, t.priority, t.priority_reason, t.status,
    t.category, t.assigned_to, t.order_id, t.tags, t.custom_fields, t.metadata, t.channel,
    t.customer_unread, t.staff_unread, t.version, t.status_since, t.resolved_at, t.closed_at, t.created_at, t.updated_at,
    r.firstname, r.lastname, r.email, a.firstname, a.lastname, a.email
from support_tickets t
join users r on r.id = t.user_id
left join users a on a.id = t.assigned_to
where t.id = :id;
