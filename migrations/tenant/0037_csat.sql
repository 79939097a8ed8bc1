-- How content customers are (T-60): one answer for each time that a ticket was resolved.

create table csat_answers (
    id          bigint generated always as identity primary key,
    ticket_id   bigint not null references support_tickets (id),
    -- The step of the ticket's history that resolved it.
    solving_id  bigint not null constraint csat_answers_once unique,
    solved_at   timestamptz not null,
    -- Who had resolved it; empty where nobody did by hand.
    agent_id    bigint,
    rating      smallint not null check (rating between 1 and 5),
    comment     text check (length(comment) between 1 and 2000),
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index csat_answers_newest on csat_answers (created_at desc, id desc);
create index csat_answers_rating on csat_answers (rating, created_at desc, id desc);
create index csat_answers_agent on csat_answers (agent_id, created_at desc, id desc) where agent_id is not null;
create index csat_answers_ticket on csat_answers (ticket_id, created_at desc, id desc);
create index csat_answers_touched on csat_answers (updated_at, id);
