# shellcheck shell=bash
# PgBouncer, optional: session mode, because Debian's 1.18 breaks prepared statements in transaction mode.

# Passwords of tenants' roles are asked from PostgreSQL, since roles come and go with tenants. 1.18 asks inside the
# tenant's own database, where only a superuser may read them; newer versions have auth_dbname for that.
pgbouncer_settings() {
  cat <<CONF
[databases]
* = host=127.0.0.1 port=$PORT_POSTGRES
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $PORT_PGBOUNCER
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $1/users.txt
auth_user = pgbouncer
auth_query = select usename, passwd from pg_catalog.pg_shadow where usename = \$1
pool_mode = session
max_client_conn = 500
default_pool_size = 10
server_idle_timeout = 30
ignore_startup_parameters = extra_float_digits,options
CONF
}

# Whether a login through PgBouncer reaches PostgreSQL.
pgbouncer_ready() {
  sql_as provisioner "$PROVISIONER_PASSWORD" postgres -p "$PORT_PGBOUNCER" -c 'select 1'
}

# Starts PgBouncer unless it runs.
start_pgbouncer() {
  local user dir
  superuser_sql <<<"alter role pgbouncer login superuser password '$PGBOUNCER_PASSWORD'"
  user=$(service_user postgres)
  dir=$(service_dir pgbouncer "$user")
  if ! running pgbouncer; then
    install -m 600 -o "$user" /dev/null "$dir/users.txt"
    printf '"pgbouncer" "%s"\n' "$PGBOUNCER_PASSWORD" >"$dir/users.txt"
    pgbouncer_settings "$dir" >"$dir/pgbouncer.ini"
    spawn pgbouncer "$user" "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" "$dir/pgbouncer.ini"
  fi
  wait_for_service pgbouncer 15 pgbouncer_ready
}
