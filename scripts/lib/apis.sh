# shellcheck shell=bash
# The two APIs: configured by environment, restarted only when something about them changed.

# Variables that both planes read, as NAME=value lines.
shared_environment() {
  cat <<ENV
APP_ENV=local
BASE_DOMAIN=$BASE_DOMAIN
PUBLIC_SCHEME=$PUBLIC_SCHEME
PUBLIC_PORT=$PORT_HTTP
REDIS_URL=$(redis_url)
AMQP_URL=$(amqp_url)
S3_ENDPOINT=http://127.0.0.1:$PORT_S3
S3_BUCKET=$BUCKET
S3_REGION=us-east-1
S3_ACCESS_KEY=$S3_ACCESS_KEY
S3_SECRET_KEY=$S3_SECRET_KEY
SMTP_URL=smtp://127.0.0.1:$PORT_SMTP
MAIL_FROM=Helpdeskly <no-reply@localhost>
JWT_SECRET=$JWT_SECRET
JWT_KID=k1
DB_ENCRYPTION_KEY=$DB_ENCRYPTION_KEY
DB_ENCRYPTION_KEY_ID=k1
LOG_FORMAT=json
LOG_LEVEL=${LOG_LEVEL:-info}
ENABLE_SWAGGER=${ENABLE_SWAGGER:-true}
TRUSTED_PROXIES=127.0.0.1
ENV
  if [[ -n ${NO_RATE_LIMIT:-} ]]; then echo "NO_RATE_LIMIT=$NO_RATE_LIMIT"; fi
}

# plane_environment PLANE: all variables of one plane.
plane_environment() {
  shared_environment
  vault_environment "$1"
  if [[ $1 == control-api ]]; then
    echo "BIND_ADDR=127.0.0.1:$PORT_CONTROL"
    echo "METRICS_ADDR=127.0.0.1:$PORT_CONTROL_METRICS"
    echo "CONTROL_DATABASE_URL=$(control_database_url)"
    echo "AUTH_REQUIRE_ADMIN_2FA=${AUTH_REQUIRE_ADMIN_2FA:-true}"
    if archives postgres || archives postgres-2; then
      echo "RESTORE_DIR=$(service_dir restore "$(service_user postgres)")"
      echo "RESTORE_PROGRAM=$(realpath "$DATA_DIR")/archive/control-api"
    fi
  else
    echo "BIND_ADDR=127.0.0.1:$PORT_APP"
    echo "METRICS_ADDR=127.0.0.1:$PORT_APP_METRICS"
    echo "CONTROL_DATABASE_URL=$(app_reader_url)"
    echo "TENANT_ROUTE=${TENANT_ROUTE:-direct}"
    echo "CLAMAV_ADDR=127.0.0.1:$PORT_CLAMAV"
    echo "PDF_RENDERER=$(command -v pdftoppm || true)"
  fi
  if [[ -n ${HD_CRASH_AT:-} ]]; then echo "HD_CRASH_AT=$HD_CRASH_AT"; fi
}

# Writes the environment of a plane to a file that a shell can source, also for a developer who runs the plane by hand.
write_plane_environment() {
  local line
  (
    umask 077
    plane_environment "$1" | while IFS= read -r line; do printf '%s=%q\n' "${line%%=*}" "${line#*=}"; done >"$LOCAL_DIR/$1.env"
  )
}

# with_plane PLANE COMMAND…: runs a command with the plane's environment and nothing else of ours, so that a variable of
# the caller's shell does not decide how the stack behaves. Not by `env NAME=value`: everybody may read command lines.
with_plane() {
  write_plane_environment "$1"
  (
    clear_environment
    set -a
    # shellcheck source=/dev/null
    source "$LOCAL_DIR/$1.env"
    "${@:2}"
  )
}

# Migrates the control database and registers the clusters. Both do nothing when there is nothing to do.
prepare_control_plane() {
  with_plane control-api "$BIN_DIR/control-api" migrate
  with_plane control-api add_cluster local "$(provisioner_url)" "$PORT_PGBOUNCER"
  if running postgres-2; then with_plane control-api add_cluster second "$(second_provisioner_url)" "$PORT_PGBOUNCER_2" --closed; fi
  archive_cluster local postgres
  if running postgres-2; then archive_cluster second postgres-2; fi
}

# Brings the organisations of a stack that an older release has left to this one's schema. One that cannot be is refused by
# itself while the others are served (ADR 0028): the log says which.
migrate_tenants() {
  with_plane control-api "$BIN_DIR/control-api" tenants migrate --new || echo "Not all are migrated: control-api tenants migrate --status"
}

# archive_cluster CLUSTER SERVER: gives the server that archives what its command needs: the program, and where the archive is.
archive_cluster() {
  local dir user
  archives "$2" || return 0
  user=$(service_user postgres)
  dir=$(service_dir archive "$user")
  if ! cmp -s "$BIN_DIR/control-api" "$dir/control-api"; then
    cp --reflink=auto "$BIN_DIR/control-api" "$dir/control-api.new"
    mv "$dir/control-api.new" "$dir/control-api"
  fi
  with_plane control-api "$BIN_DIR/control-api" wal settings --cluster "$1" --to "$dir/$2.told"
  chown "$user" "$dir/$2.told"
  mv "$dir/$2.told" "$dir/$2.env"
}

# add_cluster NAME ADMIN-URL POOLED-PORT [OPTION…]: registers a cluster, or tells it anew.
add_cluster() {
  local cluster=(--name "$1" "${@:4}")
  if [[ $(standby_of) == "$1" ]]; then cluster+=(--replica-host 127.0.0.1 --replica-port "$PORT_STANDBY"); fi
  if [[ ${TENANT_ROUTE:-direct} == pooled ]]; then cluster+=(--pooled-host 127.0.0.1 --pooled-port "$3"); fi
  CLUSTER_ADMIN_URL=$2 "$BIN_DIR/control-api" clusters add "${cluster[@]}"
}

# Whether a plane is ready to serve.
plane_ready() {
  local port=$PORT_CONTROL
  if [[ $1 == app-api ]]; then port=$PORT_APP; fi
  curl -fsS -m 5 "http://127.0.0.1:$port/health/ready"
}

# Takes the caller's variables out of a subshell's environment.
clear_environment() {
  local name
  for name in $(compgen -e); do
    case $name in PATH | HOME | LANG | TZ | RUN_DIR | LOG_DIR | TMPDIR) ;; *) export -n "${name?}" ;; esac
  done
}

# start_plane PLANE: starts a plane, or restarts it when its binary or its environment changed.
start_plane() {
  local bin=$BIN_DIR/$1 wanted
  wanted=$({ plane_environment "$1"; sha256sum "$bin"; } | sha256sum)
  if running "$1" && [[ $(cat "$RUN_DIR/$1.started" 2>/dev/null) != "$wanted" ]]; then halt "$1" TERM 35; fi
  if ! running "$1"; then
    with_plane "$1" spawn "$1" "$(id -un)" "$bin" serve
    echo "$wanted" >"$RUN_DIR/$1.started"
  fi
  wait_for_service "$1" 60 plane_ready "$1"
}

start_control_api() { start_plane control-api; }
start_app_api() { start_plane app-api; }
