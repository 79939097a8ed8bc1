-- What is counted (T-16): what happened to each ticket, as its history says, and sums of that for each day. Both are made
-- of what stands elsewhere, and are made anew whenever a ticket has changed.

-- Which tickets may have changed since they were last counted.
create table report_due (
    ticket_id bigint primary key
);

create table report_facts (
    ticket_id bigint not null,
    -- created, answered, resolved, …
    kind      text not null,
    -- What tells several of a kind apart: the step of the history, or the answer; 0 where there is one at most.
    source    bigint not null,
    at        timestamptz not null,
    -- The day by the organisation's clock.
    day       date not null,
    -- Whose it is to answer for.
    agent_id  bigint,
    -- As it was then.
    priority  text not null,
    -- As the ticket has them now.
    category  text,
    team_id   bigint,
    channel   text not null,
    -- Minutes, or a rating.
    value     int,
    primary key (ticket_id, kind, source)
);
-- The tickets behind a number, the newest first; whatever they are narrowed to stands in it, too.
create index report_facts_newest on report_facts (kind, day desc, at desc, ticket_id desc, source desc)
    include (agent_id, priority, category, team_id, channel, value);

create table report_days (
    -- all, value, agent, priority, category, team, channel; and which of them, empty for none.
    dimension text not null,
    day       date not null,
    kind      text not null,
    value     text not null,
    count     bigint not null,
    -- The sum of the facts' values.
    total     bigint not null,
    primary key (dimension, day, kind, value)
);

-- How far somebody has gone through what was there before, or what nobody was told of.
create table report_walks (
    source    text primary key check (source in ('tickets', 'arrivals', 'answers')),
    -- The clock that days were told by; with another one it begins anew.
    time_zone text not null,
    at        timestamptz not null,
    id        bigint not null,
    -- Whether it has come to the end once.
    is_done   boolean not null
);
