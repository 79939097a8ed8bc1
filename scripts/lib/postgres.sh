# shellcheck shell=bash
# PostgreSQL: an own cluster with our configuration, and the three roles of the control database.

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

# SQL as the superuser.
superuser_sql() { sql_as postgres "$POSTGRES_PASSWORD" postgres "$@"; }

# Our settings. HD_FSYNC=off (tests) gives up durability against a power cut only: commits still wait for the log to be
# written, so that a killed server loses nothing. syncfs: after a crash the default method opens every file of every
# tenant database, half a minute with 400 tenants; syncfs takes less than a second. The socket is off: everything goes by
# password over loopback.
postgres_settings() {
  cat <<CONF
listen_addresses = '127.0.0.1'
port = $PORT_POSTGRES
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'
recovery_init_sync_method = 'syncfs'
checkpoint_timeout = '5min'
max_wal_size = '1GB'
shared_buffers = '256MB'
log_line_prefix = '%m [%p] %q%u@%d '
log_lock_waits = on
timezone = 'UTC'
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

# Starts PostgreSQL unless it runs, and makes the roles.
start_postgres() {
  local user dir
  user=$(service_user postgres)
  dir=$(service_dir postgres "$user")
  if ! running postgres; then
    postgres_init "$dir" "$user"
    postgres_settings >"$dir/data/helpdeskly.conf"
    chown "$user" "$dir/data/helpdeskly.conf"
    grep -q helpdeskly.conf "$dir/data/postgresql.conf" || echo "include 'helpdeskly.conf'" >>"$dir/data/postgresql.conf"
    postgres_unlock "$dir/data"
    cd "$dir" || return
    spawn postgres "$user" "$(postgres_bin)/postgres" -D "$dir/data"
  fi
  wait_for_service postgres 60 superuser_sql -c 'select 1'
  make_roles
}

# The roles of the design: control owns its database, provisioner makes tenants' databases and roles, app_reader sees
# two views. Passwords are set each time, so that the secrets file is the truth.
make_roles() {
  superuser_sql <<SQL
select format('create role %I', name)
from unnest(array['control', 'provisioner', 'app_reader', 'pgbouncer']) as name
where not exists (select from pg_roles where rolname = name) \gexec
alter role control login nosuperuser password '$CONTROL_PASSWORD';
alter role provisioner login createdb createrole nosuperuser password '$PROVISIONER_PASSWORD';
alter role app_reader login nosuperuser password '$APP_READER_PASSWORD';
select 'create database helpdeskly_control owner control'
where not exists (select from pg_database where datname = 'helpdeskly_control') \gexec
revoke connect, temporary on database helpdeskly_control from public;
grant connect on database helpdeskly_control to app_reader;
revoke connect, temporary on database postgres, template1 from public;
grant connect on database postgres to control, provisioner;
SQL
}
