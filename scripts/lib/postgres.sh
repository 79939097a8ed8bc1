# shellcheck shell=bash
# PostgreSQL: own servers with our configuration. The first holds the control database and tenants; a second one, tenants.

# The newest installed server. Debian keeps its binaries out of PATH.
postgres_bin() {
  local bin
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [[ -x $bin/postgres ]] || { echo "no PostgreSQL server in /usr/lib/postgresql" >&2; return 1; }
  echo "$bin"
}

# sql_as ROLE PASSWORD DATABASE ARGUMENT…: psql, stopping at the first error. The password goes by environment: everybody
# may read command lines.
sql_as() { PGPASSWORD=$2 psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT_POSTGRES" -U "$1" -d "$3" "${@:4}"; }

# Whether there is to be a second server: it was asked for, or holds tenants from a former run.
two_clusters() { ((HD_CLUSTERS > 1)) || [[ -d $DATA_DIR/postgres-2 ]]; }

# SQL as the superuser; on the second server with `-p "$PORT_POSTGRES_2"`.
superuser_sql() { sql_as postgres "$POSTGRES_PASSWORD" postgres "$@"; }

# archives NAME: whether a server's log is archived, because that was asked for or because it was in a former run.
archives() { [[ $HD_ARCHIVE == 1 || $HD_ARCHIVE == "$1" || -e $DATA_DIR/archive/$1.conf ]]; }

# archive_settings NAME: a server's settings for its archive. The program and what it is told lie where PostgreSQL's user
# can read them; until they are there, which is after the binaries were built, segments wait.
archive_settings() {
  local dir
  dir=$(service_dir archive "$(service_user postgres)")
  tee "$dir/$1.conf" <<CONF
archive_mode = on
archive_timeout = '60s'
archive_command = '"$dir/control-api" wal push --settings "$dir/$1.env" "%p"'
CONF
}

# postgres_settings PORT: our settings. HD_FSYNC=off (tests) gives up durability against a power cut only: commits still wait for the log to be
# written, so that a killed server loses nothing. syncfs: after a crash the default method opens every file of every
# tenant database, half a minute with 400 tenants; syncfs takes less than a second. The socket is off: everything goes by
# password over loopback. Logical replication carries a tenant from one server to another; its senders, slots and workers
# are reserved at the start.
postgres_settings() {
  cat <<CONF
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
max_connections = 500
password_encryption = 'scram-sha-256'
recovery_init_sync_method = 'syncfs'
checkpoint_timeout = '5min'
max_wal_size = '1GB'
shared_buffers = '256MB'
log_line_prefix = '%m [%p] %q%u@%d '
log_lock_waits = on
timezone = 'UTC'
wal_level = 'logical'
max_wal_senders = 32
max_replication_slots = 32
max_logical_replication_workers = 24
max_worker_processes = 32
fsync = $HD_FSYNC
full_page_writes = $HD_FSYNC
CONF
}

# Makes the cluster on the first run. Checksums tell a broken disk from a bug. Written into a folder aside and moved
# when complete, so that an interrupted run does not leave half a cluster.
postgres_init() {
  local dir=$1 user=$2
  [[ ! -s $dir/data/PG_VERSION ]] || return 0
  rm -rf "$dir/new"
  install -m 600 -o "$user" /dev/null "$dir/password"
  echo "$POSTGRES_PASSWORD" >"$dir/password"
  as_user "$user" "$(postgres_bin)/initdb" -D "$dir/new" -U postgres --auth=scram-sha-256 --pwfile="$dir/password" \
    --no-sync --data-checksums --encoding=UTF8 --locale=C.UTF-8
  rm "$dir/password"
  mv "$dir/new" "$dir/data"
}

# Whether a live process works in a folder. Backends outlive a killed postmaster for a moment.
works_in() {
  local link
  for link in /proc/[0-9]*/cwd; do
    if [[ $(readlink "$link" 2>/dev/null) == "$1" ]] && started_at "$(basename "$(dirname "$link")")" >/dev/null; then return 0; fi
  done
  return 1
}

# After kill -9 the lock file names a process that is gone, or that some init has not buried yet: PostgreSQL would take
# that one for alive. It may be removed once nobody works in the folder any more.
postgres_unlock() {
  [[ -e $1/postmaster.pid ]] || return 0
  wait_until 10 "the end of the former PostgreSQL" not works_in "$1"
  rm -f "$1/postmaster.pid"
}

# start_server NAME PORT: starts one server unless it runs, and makes the roles.
start_server() {
  local name=$1 port=$2 user dir
  user=$(service_user postgres)
  dir=$(service_dir "$name" "$user")
  # Archiving begins with a server's start.
  if archives "$name" && ! grep -qs archive_mode "$dir/data/helpdeskly.conf"; then halt "$name" INT 30; fi
  if ! running "$name"; then
    postgres_init "$dir" "$user"
    { postgres_settings "$port"; if archives "$name"; then archive_settings "$name"; fi; } >"$dir/data/helpdeskly.conf"
    chown "$user" "$dir/data/helpdeskly.conf"
    grep -q helpdeskly.conf "$dir/data/postgresql.conf" || echo "include 'helpdeskly.conf'" >>"$dir/data/postgresql.conf"
    postgres_unlock "$dir/data"
    cd "$dir" || return
    spawn "$name" "$user" "$(postgres_bin)/postgres" -D "$dir/data"
  fi
  wait_for_service "$name" 60 superuser_sql -p "$port" -c 'select 1'
  make_roles "$port"
  make_moving_template "$port"
}

start_postgres() {
  start_server postgres "$PORT_POSTGRES"
  make_control_database
}

start_postgres_2() { start_server postgres-2 "$PORT_POSTGRES_2"; }

# standby_of: the cluster whose standby there is to be, as it was asked for or made in a former run.
standby_of() { cat "$DATA_DIR/standby-of" 2>/dev/null || echo "$HD_STANDBY"; }

# Starts a streaming standby unless it runs. It is made of a base backup, and its slot keeps the log that it has not had.
start_postgres_standby() {
  local user dir of port=$PORT_POSTGRES
  of=$(standby_of)
  if [[ $of == second ]]; then port=$PORT_POSTGRES_2; fi
  user=$(service_user postgres)
  dir=$(service_dir postgres-standby "$user")
  if ! running postgres-standby; then
    if [[ ! -s $dir/data/PG_VERSION ]]; then
      rm -rf "$dir/new"
      superuser_sql -p "$port" <<<"select pg_create_physical_replication_slot('standby')
where not exists (select from pg_replication_slots where slot_name = 'standby')"
      (cd "$dir" && PGPASSWORD=$REPLICATOR_PASSWORD as_user "$user" "$(postgres_bin)/pg_basebackup" -h 127.0.0.1 -p "$port" \
        -U replicator -D "$dir/new" -R -S standby -c fast)
      mv "$dir/new" "$dir/data"
      echo "$of" >"$DATA_DIR/standby-of"
    fi
    postgres_settings "$PORT_STANDBY" >"$dir/data/helpdeskly.conf"
    postgres_unlock "$dir/data"
    cd "$dir" || return
    spawn postgres-standby "$user" "$(postgres_bin)/postgres" -D "$dir/data"
  fi
  wait_for_service postgres-standby 60 superuser_sql -p "$PORT_STANDBY" -c 'select 1'
}

# make_roles [PORT]: the roles of the design: control owns its database, provisioner makes tenants' databases and roles
# and carries them from server to server, app_reader sees two views. Passwords are set each time, so that the secrets
# file is the truth.
make_roles() {
  superuser_sql -p "${1:-$PORT_POSTGRES}" <<SQL
select format('create role %I', name)
from unnest(array['control', 'provisioner', 'replicator', 'app_reader', 'pgbouncer']) as name
where not exists (select from pg_roles where rolname = name) \gexec
alter role control login nosuperuser password '$CONTROL_PASSWORD';
alter role provisioner login createdb createrole replication nosuperuser password '$PROVISIONER_PASSWORD';
alter role replicator login replication nosuperuser password '$REPLICATOR_PASSWORD';
alter role app_reader login nosuperuser password '$APP_READER_PASSWORD';
revoke connect, temporary on database postgres, template1 from public;
grant connect on database postgres to control, provisioner;
grant execute on function pg_switch_wal() to provisioner;
SQL
}

# make_moving_template PORT: what a tenant's database is copied from that comes from another server. Nobody may enter it, or
# it could not be copied.
make_moving_template() {
  superuser_sql -p "$1" <<'SQL'
select 'create database hd_moving is_template true' where not exists (select from pg_database where datname = 'hd_moving') \gexec
alter database hd_moving allow_connections true;
revoke connect, temporary on database hd_moving from public;
SQL
  sql_as postgres "$POSTGRES_PASSWORD" hd_moving -p "$1" -v provisioner=provisioner -f "$ROOT/scripts/moving.sql"
  superuser_sql -p "$1" -c 'alter database hd_moving allow_connections false'
}

make_control_database() {
  superuser_sql <<SQL
select 'create database helpdeskly_control owner control'
where not exists (select from pg_database where datname = 'helpdeskly_control') \gexec
revoke connect, temporary on database helpdeskly_control from public;
grant connect on database helpdeskly_control to app_reader;
SQL
}
