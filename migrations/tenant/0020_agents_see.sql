-- What agents see: their own tickets and the unassigned ones (own), those of their teams too (team), or all.

alter table settings add column agents_see text not null default 'own';
