-- no-transaction
-- A team's queue, the newest first.

create index concurrently if not exists tickets_team on support_tickets (team_id, created_at desc, id desc) where team_id is not null;
