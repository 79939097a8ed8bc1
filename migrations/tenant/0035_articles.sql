-- The help centre (T-60): what customers read before they ask.

create table article_sections (
    id          bigint generated always as identity primary key,
    label_fr    text not null check (length(label_fr) between 1 and 120),
    label_en    text not null check (length(label_en) between 1 and 120),
    position    int not null default 0,
    archived_at timestamptz,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);

create table articles (
    id           bigint generated always as identity primary key,
    section_id   bigint not null references article_sections (id),
    -- What its address says now.
    slug         text not null,
    state        text not null default 'draft' check (state in ('draft', 'published', 'archived')),
    position     int not null default 0,
    -- Who wrote it first.
    author_id    bigint not null,
    -- When it was last published; stays when it is taken back.
    published_at timestamptz,
    version      bigint not null default 1,
    created_at   timestamptz not null,
    updated_at   timestamptz not null
);
create index articles_section on articles (section_id, state);

-- Each address that an article has or had: links outlive a rename, and a slug is never another article's. It begins
-- with a letter: no slug is an id.
create table article_slugs (
    slug       text primary key check (slug ~ '^[a-z][a-z0-9-]{0,79}$'),
    article_id bigint not null references articles (id)
);

create table article_texts (
    article_id bigint not null references articles (id),
    locale     text not null check (locale in ('fr', 'en')),
    title      text not null check (length(title) between 1 and 200),
    -- Markdown.
    body       text not null,
    -- The same as safe HTML.
    body_html  text not null,
    -- The title weighs A, the body C.
    vector     tsvector not null,
    primary key (article_id, locale)
);
create index article_texts_vector on article_texts using gin (vector) with (gin_pending_list_limit = 512);

-- Whether a word says something in French and in English alike, without the punctuation that it is written with and
-- what was elided before it: `for,` and `n'est` say nothing. The notice that it says nothing is not given.
create function article_word_says(word text) returns boolean
language sql immutable strict parallel safe set client_min_messages = warning as $$
    select pg_catalog.numnode(pg_catalog.plainto_tsquery('pg_catalog.french'::pg_catalog.regconfig, plain)) > 0
        and pg_catalog.numnode(pg_catalog.plainto_tsquery('pg_catalog.english'::pg_catalog.regconfig, plain)) > 0
    from public.search_plain(word) as plain
$$;

-- Whether an article has helped: one answer of each person.
create table article_votes (
    article_id bigint not null references articles (id),
    person_id  bigint not null,
    helpful    boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (article_id, person_id)
);
