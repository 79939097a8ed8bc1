-- Whether somebody has proved that their address is theirs: the app plane writes no text of others to an address that nobody has
-- proved, and lets nobody bring addresses who has not proved their own.

create or replace view app_people as
select
    m.tenant_id,
    m.user_id,
    u.email,
    u.firstname,
    u.lastname,
    u.locale,
    m.role,
    m.status = 'active' as active,
    m.version,
    m.vip,
    u.email_verified_at is not null as proved
from memberships m
join users u on u.id = m.user_id
where m.status <> 'pending';
