-- What the engine and the queue keep of a ticket. All of it may be empty: tickets from before have none of it until
-- somebody looks after them.

alter table support_tickets
    -- Whose queue it is in.
    add column team_id bigint,
    -- Out of sight of the queue until then.
    add column snoozed_until timestamptz,
    -- The ticket that goes on in its place.
    add column merged_into bigint,
    -- The closed ticket that it goes on from (T-6).
    add column follow_up_of bigint,
    -- T-10: the policy, as it was when the ticket was last measured by it.
    add column sla_policy_id bigint,
    add column sla_policy_version int,
    -- none, running, warning, breached, paused, met: the worse of its two clocks.
    add column sla_state text,
    -- When the next warning or breach is; empty while nothing runs.
    add column sla_next_at timestamptz,
    add column first_response_at timestamptz,
    -- Targets in working minutes; when they are due while they run, and what is left of them, in working seconds,
    -- while they pause.
    add column response_target_minutes int,
    add column response_due_at timestamptz,
    add column response_left_seconds bigint,
    add column response_warned_at timestamptz,
    add column response_breached_at timestamptz,
    add column resolution_target_minutes int,
    add column resolution_due_at timestamptz,
    add column resolution_left_seconds bigint,
    add column resolution_warned_at timestamptz,
    add column resolution_breached_at timestamptz;
