-- Each server's log as it is archived, and copies of whole servers: with both, one tenant is brought back to any moment.
-- Both lie in the file store, sealed.

create table archives (
    id         uuid primary key,
    -- Empty: the cluster was removed, and what is left of its archive goes.
    cluster_id bigint references clusters (id) on delete set null,
    -- The server's own identifier. One that is made anew has another one, and an archive of its own.
    system_id  text not null,
    -- The key of its segments, sealed for `archive:{id}`.
    sealed_key bytea not null,
    key_id     text not null,
    created_at timestamptz not null,
    constraint archives_one_for_server unique (cluster_id, system_id)
);

create table base_backups (
    id          uuid primary key,
    archive_id  uuid not null references archives (id),
    -- What its objects' keys begin with.
    folder      text not null,
    -- By the server's own clock.
    started_at  timestamptz not null,
    finished_at timestamptz not null,
    timeline    int not null,
    -- Not later than its beginning, and not earlier than its end.
    start_lsn   text not null check (start_lsn ~ '^[0-9A-F]{1,8}/[0-9A-F]{1,8}$'),
    stop_lsn    text not null check (stop_lsn ~ '^[0-9A-F]{1,8}/[0-9A-F]{1,8}$'),
    -- The segment of that beginning: it and all behind it are needed.
    start_file  text not null check (start_file ~ '^[0-9A-F]{24}$'),
    -- How long the compressed copy is before it is sealed.
    bytes       bigint not null check (bytes >= 0),
    -- How much room the databases take once they are unpacked.
    size        bigint not null check (size >= 0),
    -- The stream's key, sealed for `base:{id}`.
    sealed_key  bytea not null,
    key_id      text not null,
    -- Since when its objects are being taken away: it is no base backup any more.
    deleting_at timestamptz,
    constraint base_backups_ends_after_it_began check (finished_at >= started_at)
);
create index base_backups_archive on base_backups (archive_id, finished_at desc);
