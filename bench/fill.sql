-- Tickets of two years in one tenant's database, as many as the variable `tickets` says, and five messages for each on average.
-- People write words of which few are frequent and most are rare; one ticket of ten is not over yet, its targets lie ahead or were
-- told, and the newest hundredth (500 at least) is being worked on. Says how it finds words:
--   order     in every sixth text          invoice payment   each in one of twenty-five
--   zeppelin  in 20 messages               printer           in the subject of one ticket of fifty
-- Expects: people from id 1000000 on and tickets do not exist yet. For a superuser. A million tickets take some minutes.
set synchronous_commit = off;
set session_replication_role = replica;
set maintenance_work_mem = '512MB';
set work_mem = '128MB';
set max_parallel_workers_per_gather = 0;
set client_min_messages = warning;
select setseed(0.42);

-- Indexes come back when the rows are there: that is faster by far.
create temp table filled (name regclass primary key);
insert into filled values ('support_tickets'), ('ticket_messages'), ('ticket_history'), ('search_entries');
create temp table later as
select pg_get_indexdef(i.indexrelid) as made, format('drop index %s', i.indexrelid::regclass) as dropped
from pg_index i
join filled f on f.name = i.indrelid
where not exists (select from pg_constraint c where c.conindid = i.indexrelid);
select format('alter table %s set (autovacuum_enabled = off)', name) from filled \gexec
select dropped from later \gexec

-- The first are the frequent ones.
create temp table words as
with said as (
    select place, word
    from unnest(string_to_array('the,to,and,a,order,i,is,my,please,of,for,it,in,not,you,le,la,de,on,we,that,have,with,this,les,des,can,be,are,our,'
        'account,but,your,est,pas,une,was,when,do,if,invoice,payment,as,from,after,help,thank,commande,facture,bonjour,merci,delivery,address,'
        'refund,password,login,error,still,again,team,screen,paper,machine,device,repair,battery,cable,imprimante,livraison,remboursement,'
        'paiement,compte,erreur,probleme,adresse,ecran,papier,panne', ',')) with ordinality as said (word, place)
), made as (
    select n, part[1 + n * 7 % 40] || part[1 + n / 40 % 40] || part[1 + n * 13 / 17 % 40] || part[1 + n * 31 / 11 % 40] as word
    from generate_series(1, 12000) n,
        (select array['ba','ce','di','fo','gu','ha','je','ki','lo','mu','na','pe','qui','ro','su','ta','ve','wi','xo','za','tri','bra','cle',
            'dro','fli','gre','pla','sto','spe','cru','mer','ton','lan','der','mon','ter','vis','nor','pal','sen'] as part) parts
)
select row_number() over (order by is_made, place)::int as id, word
from (select false as is_made, place, word from said union all select true, n, word from made) as all_words;
alter table words add primary key (id);
analyze words;

-- Texts of 6 to 60 words, with what search keeps of them; several tickets and messages have the same. `:last_text` has the rare word.
select least(20000, greatest(200, :tickets / 5)) as texts, least(20000, greatest(200, :tickets / 5)) + 1 as last_text \gset
create temp table texts as
select id, text, '<p>' || text || '</p>' as html, search_text(text, 'C') as vector
from (
    select drawn.id, string_agg(w.word, ' ') || case when drawn.id = :last_text then ' zeppelin' else '' end as text
    from (
        select id, 1 + floor((select count(*) from words) * power(random(), 3.2))::int as word
        from generate_series(1, :last_text) id, generate_series(1, 6 + id * 7919 % 55)
    ) drawn
    join words w on w.id = drawn.word
    group by drawn.id
) as written;
alter table texts add primary key (id);
create temp table subjects as
select id, text, search_text(text, 'A') as vector
from (
    select drawn.id, string_agg(w.word, ' ') || case when drawn.id % 50 = 0 then ' printer' else '' end as text
    from (
        select id, 1 + floor((select count(*) from words) * power(random(), 2.2))::int as word
        from generate_series(1, :texts) id, generate_series(1, 3 + id * 7919 % 6)
    ) drawn
    join words w on w.id = drawn.word
    group by drawn.id
) as written;
alter table subjects add primary key (id);
analyze texts, subjects;

-- 19 agents besides the admin, customers, teams and categories.
insert into users (id, email, firstname, lastname, role, version)
select 1000000 + n, 'person' || n || '@bench.example', 'Person', n::text, case when n < 20 then 'agent' else 'customer' end, 1
from generate_series(1, 219 + :tickets / 20) n;
insert into teams (name, created_at, updated_at) select 'Bench ' || n, now(), now() from generate_series(1, 5) n;
insert into team_members (team_id, user_id)
select t.id, u.id from teams t, users u where t.name like 'Bench %' and u.id between 1000001 and 1000019 and u.id % 5 = t.id % 5;
insert into categories (name, label_fr, label_en, created_at, updated_at)
select 'bench_' || n, 'Bench ' || n, 'Bench ' || n, now(), now() from generate_series(1, 12) n;
create temp table agents as
select row_number() over (order by id) - 1 as place, id from users where role <> 'customer' order by id limit 20;
create temp table queues as select row_number() over (order by id) - 1 as place, id from teams where name like 'Bench %';

-- What each ticket is. `chance` is the same for the same number, and looks like none.
select coalesce(max(id), 0) as before from support_tickets \gset
select id as policy, version from sla_policies where is_default \gset
create temp table plan as
select n, :before + n as id, opened_at, chance, priority, status,
    case when status = 'open' and chance % 2 = 0 or status = 'closed' and chance % 20 = 0 then null else chance / 7 % 20 end as agent,
    case status
        when 'closed' then case when chance % 10 = 0 then 'breached' else 'met' end
        when 'resolved' then 'met'
        when 'waiting_customer' then 'paused'
        else (array['running', 'running', 'running', 'warning', 'breached'])[1 + chance / 3 % 5]
    end as sla,
    case when status = 'waiting_customer' then now() - chance % 120 * interval '1 hour'
        when status = 'resolved' then now() - chance % 20 * interval '1 hour'
        when status = 'open' then opened_at
        else least(now(), opened_at + interval '1 day') end as since,
    now() + interval '2 days' + chance % 100000 * interval '3 seconds' as due_at,
    1 + (chance / 11 % 9) as messages
from (
    select n, chance, now() - (:tickets - n + 1) * (interval '730 days' / :tickets) as opened_at,
        (array['low', 'medium', 'medium', 'high', 'urgent'])[1 + chance / 5 % 5] as priority,
        case when n > :tickets - greatest(500, :tickets / 100) then 'in_progress'
            when n > :tickets * 0.9 or chance % 200 = 0
                then (array['open', 'open', 'in_progress', 'in_progress', 'waiting_customer', 'waiting_customer', 'resolved', 'closed',
                    'closed', 'closed'])[1 + chance / 211 % 10]
            else 'closed' end as status
    from (select n, (hashint8(n) & 2147483647)::bigint as chance from generate_series(1, :tickets) n) numbers
) as fates;
alter table plan add primary key (n);
analyze plan;

insert into support_tickets
    (id, ticket_number, user_id, subject, description, description_html, priority, status, category, team_id, assigned_to, tags, channel,
     status_since, snoozed_until, first_response_at, resolved_at, closed_at, created_at, updated_at, sla_policy_id, sla_policy_version,
     sla_state, sla_next_at, response_target_minutes, response_due_at, response_warned_at, response_breached_at,
     resolution_target_minutes, resolution_due_at, resolution_left_seconds, resolution_warned_at, resolution_breached_at)
overriding system value
select p.id,
    -- Multiplied by an odd number, no two are alike.
    'TKT-' || translate(upper(lpad(to_hex(p.n * 2654435761 % 4294967296), 8, '0')), '01', 'GH'),
    1000020 + p.chance % (200 + :tickets / 20), s.text, t.text, t.html, p.priority, p.status, 'bench_' || 1 + p.chance % 12, q.id, a.id,
    case when p.chance % 5 < 2 then '{}' else array['tag' || p.chance / 13 % 40, 'plan' || p.chance / 17 % 5] end,
    (array['web', 'web', 'email', 'email', 'api'])[1 + p.chance / 19 % 5],
    p.since, case when p.chance % 100 = 0 and p.status in ('open', 'in_progress') then p.due_at end,
    case when p.status <> 'open' then least(p.since, p.opened_at + interval '1 hour') end,
    case when p.status in ('resolved', 'closed') then p.since end, case when p.status = 'closed' then p.since end, p.opened_at, p.since,
    :policy, :version, p.sla, case when p.sla in ('running', 'warning') then p.due_at end,
    1440, p.due_at, case when p.sla = 'breached' then p.opened_at end, case when p.sla = 'breached' then p.opened_at end,
    4320, case when p.sla <> 'paused' then p.due_at end, case when p.sla = 'paused' then 3600 end,
    case when p.sla in ('warning', 'breached') then p.since end, case when p.sla = 'breached' then p.since end
from plan p
join texts t on t.id = 1 + p.chance / 23 % :texts
join subjects s on s.id = 1 + p.chance / 29 % :texts
left join agents a on a.place = p.agent
left join queues q on q.place = p.chance / 31 % 7
order by p.n;

-- Messages in the order in which they were written: those of one ticket lie apart.
select coalesce(max(id), 0) as said_before from ticket_messages \gset
create temp table said as
select :said_before + row_number() over (order by at, ticket_id, m) as id, *
from (
    select p.id as ticket_id, m, least(now(), p.opened_at + m * m * interval '2 hours') as at, m % 4 = 0 as is_internal,
        case when m % 2 = 1 then 1000020 + p.chance % (200 + :tickets / 20) else coalesce(a.id, 1000001) end as sender_id,
        case when m = 1 and p.n % greatest(1, :tickets / 20) = 0 then :last_text else 1 + (p.chance / 37 + m * 7919) % :texts end as text
    from plan p
    left join agents a on a.place = p.agent, generate_series(1, p.messages) m
) as talk;
insert into ticket_messages (id, ticket_id, sender_id, sender_type, message, message_html, is_internal, read_at, created_at, updated_at)
overriding system value
select s.id, s.ticket_id, s.sender_id, case when s.sender_id < 1000020 then 'agent' else 'customer' end, t.text, t.html,
    s.is_internal, s.at, s.at, s.at
from said s
join texts t on t.id = s.text;

insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
select k.id, 0, false, k.created_at,
    search_text(k.ticket_number, 'A') || s.vector || search_text(array_to_string(k.tags, ' '), 'B') || t.vector,
    search_spelling(k.ticket_number, k.subject)
from plan p
join support_tickets k on k.id = p.id
join texts t on t.id = 1 + p.chance / 23 % :texts
join subjects s on s.id = 1 + p.chance / 29 % :texts;
insert into search_entries (ticket_id, message_id, is_internal, at, vector)
select s.ticket_id, s.id, s.is_internal, s.at, t.vector
from said s
join texts t on t.id = s.text;
insert into search_backfill (tickets_to, messages_to)
select max(ticket_id), max(id) from said
on conflict (only_row) do update set tickets_to = excluded.tickets_to, messages_to = excluded.messages_to;

insert into ticket_history (ticket_id, version, kind, to_value, created_at)
select id, 1, 'status', 'open', opened_at from plan;
insert into ticket_history (ticket_id, version, kind, from_value, to_value, created_at)
select id, 2, 'status', 'open', status, since from plan where status <> 'open';

select setval(pg_get_serial_sequence('support_tickets', 'id'), max(id)) from support_tickets \g /dev/null
select setval(pg_get_serial_sequence('ticket_messages', 'id'), max(id)) from ticket_messages \g /dev/null
drop table said, plan, texts, subjects, words;
select made from later \gexec
select format('alter table %s reset (autovacuum_enabled)', name) from filled \gexec
vacuum (freeze, analyze);
checkpoint;
