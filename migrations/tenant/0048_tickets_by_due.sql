-- no-transaction
-- By the next target that somebody waits for; what nobody waits for comes last.
create index concurrently if not exists tickets_by_due on support_tickets (
    (coalesce(case when resolved_at is null and closed_at is null then least(
        case when first_response_at is null then response_due_at end, resolution_due_at) end, '9999-12-31 00:00:00+00'::timestamptz)),
    id);
