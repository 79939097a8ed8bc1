-- no-transaction
-- By how long their customer waits; what nobody owes an answer to comes last.
create index concurrently if not exists tickets_by_waiting on support_tickets (
    (case when status in ('open', 'in_progress') then coalesce(waiting_since, created_at)
        else '9999-12-31 00:00:00+00'::timestamptz end),
    id);
