-- For how long the log of files is kept is set by the organisation, whose role reads and writes nothing else of that schema.

create function media_kept_months() returns int
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select months from media.retention
$$;

-- 1 to 120 months.
create function media_keep_months(wanted int) returns void
language sql security definer
set search_path = pg_catalog, pg_temp as $$
    update media.retention set months = greatest(1, least(wanted, 120))
$$;
