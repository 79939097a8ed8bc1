# shellcheck shell=bash
# Port checks: the stack never takes a port that somebody else uses, and says so by number.

# Whether anything listens on a loopback port. Asks by connecting, so that no tool is needed.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Who listens on a port, as well as we may know (another user's process has no name for us).
port_owner() {
  local owner=""
  if command -v ss >/dev/null; then
    owner=$(ss -ltnpH "sport = :$1" 2>/dev/null | sed -n 's/.*users:((\"\([^\"]*\)\",pid=\([0-9]*\).*/\1, pid \2/p' | head -n 1)
  fi
  echo "${owner:-another program}"
}

# need_ports NAME PORT…: fails when a service that is not running finds one of its ports taken.
need_ports() {
  local name=$1 port
  shift
  if running "$name"; then return 0; fi
  for port in "$@"; do
    if port_taken "$port"; then
      echo "port $port, which $name needs, is taken by $(port_owner "$port")."
      echo "Stop that program, or move the whole stack: HD_PORT_BASE=7500 scripts/start (ports 7500 to 7580)."
      return 1
    fi
  done
}

# check_ports pgbouncer|direct [public]: checks every port at once before anything starts, so that the reader sees all
# troubles together.
check_ports() {
  local failed=0
  need_ports postgres "$PORT_POSTGRES" || failed=1
  if two_clusters; then need_ports postgres-2 "$PORT_POSTGRES_2" || failed=1; fi
  if [[ $(standby_of) != none ]]; then need_ports postgres-standby "$PORT_STANDBY" || failed=1; fi
  need_ports redis "$PORT_REDIS" || failed=1
  need_ports rabbitmq "$PORT_AMQP" "$PORT_AMQP_WEB" "$PORT_ERLANG" || failed=1
  need_ports seaweedfs "$PORT_S3" $(seq "$PORT_WEED" $((PORT_WEED + 6))) || failed=1
  need_ports clamav "$PORT_CLAMAV" || failed=1
  need_ports mail "$PORT_SMTP" "$PORT_IMAP" "$PORT_MAIL_WEB" || failed=1
  if uses_vault; then need_ports vault "$PORT_VAULT" $((PORT_VAULT + 1)) || failed=1; fi
  if [[ $1 == pgbouncer ]]; then need_ports pgbouncer "$PORT_PGBOUNCER" || failed=1; fi
  if [[ $1 == pgbouncer ]] && two_clusters; then need_ports pgbouncer-2 "$PORT_PGBOUNCER_2" || failed=1; fi
  if [[ ${2:-} == public ]]; then check_public_ports || failed=1; fi
  return $failed
}

# The same for the parts that the infrastructure does not include.
check_public_ports() {
  local failed=0
  running nginx || end_orphans nginx
  need_ports control-api "$PORT_CONTROL" "$PORT_CONTROL_METRICS" || failed=1
  need_ports app-api "$PORT_APP" "$PORT_APP_METRICS" || failed=1
  need_ports nginx "$PORT_HTTP" || failed=1
  return $failed
}
