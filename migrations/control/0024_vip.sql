-- Customers whose tickets press more (T-20): each organisation says who they are. Its own copy of people has had the column
-- from the beginning.
alter table memberships add column vip boolean not null default false;

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
    m.vip
from memberships m
join users u on u.id = m.user_id
where m.status <> 'pending';
