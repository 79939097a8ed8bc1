-- Who was given or has taken which file, from where (A-12), by months.

create schema media;
create sequence media_access_logs_ids;

create table media_access_logs (
    id            bigint not null default nextval('media_access_logs_ids'),
    at            timestamptz not null,
    attachment_id bigint not null,
    ticket_id     bigint not null,
    -- Empty where a link was opened.
    user_id       bigint,
    share_id      bigint,
    what          text not null check (what in ('issued', 'downloaded', 'previewed')),
    ip            text,
    user_agent    text,
    primary key (id, at)
) partition by range (at);
create index media_access_logs_attachment on media_access_logs (attachment_id, at desc, id desc);
create index media_access_logs_user on media_access_logs (user_id, at desc, id desc) where user_id is not null;

-- Whatever falls into no month that was made.
create table media.access_other (like media_access_logs including defaults including constraints);
alter table media_access_logs attach partition media.access_other default;

-- For how long rows are kept.
create table media.retention (
    only_row boolean primary key default true check (only_row),
    months   int not null default 12 check (months >= 1)
);
insert into media.retention default values;

-- Makes this month and the next three, and says how many it made. It runs with its owner's rights, takes no argument, goes by
-- the server's clock, and gives up at once where it would keep others waiting.
create function media_make_months() returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '300ms' set timezone = 'UTC' as $$
declare
    starts timestamptz;
    ends   timestamptz;
    named  text;
    made   int := 0;
begin
    for n in 0..3 loop
        starts := date_trunc('month', now()) + make_interval(months => n);
        ends := starts + interval '1 month';
        named := 'access_' || to_char(starts, 'YYYY_MM');
        continue when to_regclass('media.' || named) is not null;
        if not pg_try_advisory_xact_lock(hashtext('media months')) then
            return made;
        end if;
        continue when to_regclass('media.' || named) is not null;
        execute format('create table media.%I (like public.media_access_logs including defaults including constraints)', named);
        -- What came before its month was made.
        execute format('with early as (delete from media.access_other where at >= %L and at < %L returning *)
            insert into media.%I select * from early', starts, ends, named);
        execute format('alter table public.media_access_logs attach partition media.%I for values from (%L) to (%L)', named, starts, ends);
        made := made + 1;
    end loop;
    return made;
end
$$;

-- Drops the months that have been kept long enough, whole; says how many.
create function media_drop_expired() returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '300ms' set timezone = 'UTC' as $$
declare
    kept    int := (select months from media.retention);
    cutoff  timestamptz := date_trunc('month', now()) - make_interval(months => kept);
    old     text;
    dropped int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtext('media months')) then
        return 0;
    end if;
    for old in
        select c.relname from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'media' and c.relname ~ '^access_\d{4}_\d{2}$' and c.relname < 'access_' || to_char(cutoff, 'YYYY_MM')
        order by 1
    loop
        execute format('alter table public.media_access_logs detach partition media.%I', old);
        execute format('drop table media.%I', old);
        dropped := dropped + 1;
    end loop;
    delete from media.access_other where at < cutoff;
    return dropped;
end
$$;

select media_make_months();
