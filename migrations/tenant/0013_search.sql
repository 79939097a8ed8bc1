-- What is found by words: one entry for each ticket and one for each message, in a table of their own, because
-- tickets change often and each change would write a large index anew. Whoever writes a ticket or a message writes
-- its entry in the same transaction. Rows from before get theirs from a job, in batches.

create extension if not exists unaccent with schema public;
create extension if not exists pg_trgm with schema public;

create table search_entries (
    ticket_id   bigint not null references support_tickets (id),
    -- 0 is the ticket itself.
    message_id  bigint not null,
    -- A note among colleagues.
    is_internal boolean not null,
    at          timestamptz not null,
    -- Number and subject weigh A, tags B (staff only), description and messages C.
    vector      tsvector not null,
    -- Number and subject of a ticket as one reads them, for parts of numbers and for typing errors.
    words       text,
    primary key (ticket_id, message_id)
);
create index search_newest on search_entries (at desc, ticket_id desc, message_id desc);
-- What was written last waits in a list that every search reads: a short one.
create index search_vector on search_entries using gin (vector) with (gin_pending_list_limit = 512);
create index search_words on search_entries using gin (words gin_trgm_ops) with (gin_pending_list_limit = 512) where words is not null;

-- Up to which ids the job has looked. It has no row before it begins.
create table search_backfill (
    only_row    boolean primary key default true check (only_row),
    tickets_to  bigint not null,
    messages_to bigint not null
);

-- A text without accents and capitals. unaccent() itself is not immutable, for its dictionary might be changed. What
-- would make one word of an address, a file's name or a tag is a space: its parts are words.
create function search_plain(written text) returns text
language sql immutable strict parallel safe as $$
    select pg_catalog.translate(
        pg_catalog.lower(public.unaccent('public.unaccent'::pg_catalog.regdictionary, written)),
        '<>&/\@:=._-+~#?%',
        '                '
    )
$$;

-- Number and subject of a ticket, as they are compared with what may be misspelled. All numbers begin alike: not that.
create function search_spelling(number text, subject text) returns text
language sql immutable strict parallel safe as $$
    select public.search_plain(pg_catalog.regexp_replace(number, '^TKT-', '') || ' ' || subject)
$$;

-- The words of a text as they stand, in French and in English. As they stand comes first: phrases go by their places,
-- and places beyond 16 383 are one. More than 30 000 characters of one text are not indexed, for a vector has an end.
create function search_text(written text, weight "char") returns tsvector
language sql immutable strict parallel safe as $$
    select pg_catalog.setweight(
        pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig, plain)
            || pg_catalog.to_tsvector('pg_catalog.french'::pg_catalog.regconfig, plain)
            || pg_catalog.to_tsvector('pg_catalog.english'::pg_catalog.regconfig, plain),
        weight
    )
    from (select pg_catalog.left(public.search_plain(pg_catalog.left(written, 30000)), 30000) as plain) as text
$$;

create function search_ticket(number text, subject text, tags text[], description text) returns tsvector
language sql immutable strict parallel safe as $$
    select public.search_text(number || ' ' || subject, 'A')
        || public.search_text(pg_catalog.array_to_string(tags, ' '), 'B')
        || public.search_text(description, 'C')
$$;

-- The forms of one word.
create function search_forms(word text) returns text[]
language sql immutable strict parallel safe as $$
    select array[plain]
        || coalesce(pg_catalog.ts_lexize('pg_catalog.french_stem', plain), '{}')
        || coalesce(pg_catalog.ts_lexize('pg_catalog.english_stem', plain), '{}')
    from (select pg_catalog.btrim(public.search_plain(word)) as plain) as word
$$;

-- Whether French or English leave a word out, as `le` or `the`.
create function search_is_filler(word text) returns boolean
language sql immutable strict parallel safe as $$
    select coalesce(pg_catalog.ts_lexize('pg_catalog.french_stem', plain) = '{}', false)
        or coalesce(pg_catalog.ts_lexize('pg_catalog.english_stem', plain) = '{}', false)
    from (select pg_catalog.btrim(public.search_plain(word)) as plain) as word
$$;

-- What words and phrases are looked for: all of them, each word in any of its forms, fillers only where there is
-- nothing else; or any of them, as they are said to be missing. Null where they hold nothing that could be found. The
-- notice that would repeat such a text to the log is not given.
create function search_query(words text[], phrases text[], together boolean) returns tsquery
language sql immutable strict parallel safe set client_min_messages = warning as $$
    with terms (term, is_filler) as (
        select said || case when french in (said, english) then '' else french end || case when english = said then '' else english end,
            pg_catalog.numnode(french) = 0 or pg_catalog.numnode(english) = 0
        from pg_catalog.unnest(words) as word,
            public.search_plain(word) as plain,
            pg_catalog.plainto_tsquery('pg_catalog.simple'::pg_catalog.regconfig, plain) as said,
            pg_catalog.plainto_tsquery('pg_catalog.french'::pg_catalog.regconfig, plain) as french,
            pg_catalog.plainto_tsquery('pg_catalog.english'::pg_catalog.regconfig, plain) as english
        union all
        select pg_catalog.phraseto_tsquery('pg_catalog.simple'::pg_catalog.regconfig, public.search_plain(phrase)), false
        from pg_catalog.unnest(phrases) as phrase
    ),
    told as (select term, is_filler from terms where pg_catalog.numnode(term) > 0)
    select pg_catalog.string_agg('(' || term::text || ')', case when together then ' & ' else ' | ' end)::tsquery
    from told
    where not (together and is_filler) or not exists (select from told where not is_filler)
$$;
