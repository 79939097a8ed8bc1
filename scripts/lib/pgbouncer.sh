# shellcheck shell=bash
# PgBouncer, optional: session mode, because Debian's 1.18 breaks prepared statements in transaction mode.

# pgbouncer_settings DIR SERVER-PORT PORT: passwords of tenants' roles are asked from PostgreSQL, since roles come and go with tenants. 1.18 asks inside the
# tenant's own database, where only a superuser may read them; newer versions have auth_dbname for that.
pgbouncer_settings() {
  cat <<CONF
[databases]
* = host=127.0.0.1 port=$2
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $3
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $1/users.txt
auth_user = pgbouncer
auth_query = select usename, passwd from pg_catalog.pg_shadow where usename = \$1
pool_mode = session
max_client_conn = 500
default_pool_size = 10
server_idle_timeout = 5
ignore_startup_parameters = extra_float_digits,options
CONF
}

# pgbouncer_ready PORT: whether a login through PgBouncer reaches PostgreSQL.
pgbouncer_ready() { sql_as provisioner "$PROVISIONER_PASSWORD" postgres -p "$1" -c 'select 1'; }

# start_bouncer NAME SERVER-PORT PORT: starts one PgBouncer unless it runs.
start_bouncer() {
  local name=$1 user dir
  superuser_sql -p "$2" <<<"alter role pgbouncer login superuser password '$PGBOUNCER_PASSWORD'"
  user=$(service_user postgres)
  dir=$(service_dir "$name" "$user")
  if ! running "$name"; then
    install -m 600 -o "$user" /dev/null "$dir/users.txt"
    printf '"pgbouncer" "%s"\n' "$PGBOUNCER_PASSWORD" >"$dir/users.txt"
    pgbouncer_settings "$dir" "$2" "$3" >"$dir/pgbouncer.ini"
    spawn "$name" "$user" "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" "$dir/pgbouncer.ini"
  fi
  wait_for_service "$name" 15 pgbouncer_ready "$3"
}

start_pgbouncer() { start_bouncer pgbouncer "$PORT_POSTGRES" "$PORT_PGBOUNCER"; }
start_pgbouncer_2() { start_bouncer pgbouncer-2 "$PORT_POSTGRES_2" "$PORT_PGBOUNCER_2"; }
