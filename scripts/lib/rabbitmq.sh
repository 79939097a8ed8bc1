# shellcheck shell=bash
# RabbitMQ with its management page, as a private node: own Erlang cookie, own epmd, loopback only.

# The folder of the real commands. The wrappers in /usr/sbin switch to the system's user and folders.
rabbitmq_sbin() {
  local sbin
  sbin=$(find /usr/lib/rabbitmq/lib -maxdepth 2 -name sbin | sort -V | tail -n 1)
  [[ -x $sbin/rabbitmq-server ]] || { echo "no RabbitMQ in /usr/lib/rabbitmq/lib" >&2; return 1; }
  echo "$sbin"
}

# Our settings. The low disk limit suits small machines: the default would block publishers there.
rabbitmq_settings() {
  cat <<CONF
listeners.tcp.local = 127.0.0.1:$PORT_AMQP
management.tcp.ip = 127.0.0.1
management.tcp.port = $PORT_AMQP_WEB
loopback_users = none
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
default_user = helpdeskly
default_pass = $RABBITMQ_PASSWORD
log.file = false
log.console = true
log.console.level = warning
CONF
}

# The environment of the node (and of its command line tools). HOME holds the Erlang cookie; the busy-wait flags keep an
# idle node from eating a core; RUNNING_UNDER_SYSTEMD makes the start script replace itself by the Erlang machine, so
# that the remembered pid is the broker's own.
rabbitmq_environment() {
  local dir=$1
  export HOME=$dir/home RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME="helpdeskly$PORT_AMQP@localhost"
  export RABBITMQ_MNESIA_BASE=$dir/mnesia RABBITMQ_LOG_BASE=$dir/log RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf
  export RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins RABBITMQ_PID_FILE=$dir/pid RABBITMQ_DIST_PORT=$PORT_ERLANG
  export ERL_EPMD_PORT=$PORT_EPMD ERL_EPMD_ADDRESS=127.0.0.1 RUNNING_UNDER_SYSTEMD=true
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
  PATH="$(rabbitmq_sbin):$PATH"
}

# Whether the broker is up: the management answer says the listeners are open and the node has booted.
rabbitmq_ready() {
  curl -fsS -m 5 -K - "http://127.0.0.1:$PORT_AMQP_WEB/api/health/checks/port-listener/$PORT_AMQP" <<<"user = helpdeskly:$RABBITMQ_PASSWORD"
}

# Starts RabbitMQ unless it runs.
start_rabbitmq() {
  local user dir
  user=$(service_user rabbitmq)
  dir=$(service_dir rabbitmq "$user")
  if ! running rabbitmq; then
    as_user "$user" mkdir -p "$dir/home" "$dir/mnesia" "$dir/log"
    install -m 600 -o "$user" /dev/null "$dir/rabbitmq.conf"
    rabbitmq_settings >"$dir/rabbitmq.conf"
    echo '[rabbitmq_management].' >"$dir/enabled_plugins"
    (rabbitmq_environment "$dir"; cd "$dir" && spawn rabbitmq "$user" rabbitmq-server)
  fi
  wait_for_service rabbitmq 120 rabbitmq_ready
}

# Stops RabbitMQ and the port mapper that the Erlang machine left behind.
stop_rabbitmq() {
  local was_running=no
  if running rabbitmq; then was_running=yes; fi
  halt rabbitmq TERM 40
  if [[ $was_running == yes ]] && command -v epmd >/dev/null; then ERL_EPMD_ADDRESS=127.0.0.1 epmd -port "$PORT_EPMD" -kill >/dev/null || true; fi
}
