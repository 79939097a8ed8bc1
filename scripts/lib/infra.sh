# shellcheck shell=bash
# The infrastructure as a whole: everything the APIs depend on, up and down.

# start_infra pgbouncer|direct [public]: brings up the services, those together that do not need each other. Whatever could
# refuse the start is asked before anything takes its time; `public` asks for the ports of the APIs and nginx, too.
start_infra() {
  local with=$1 packages=("${STACK_PACKAGES[@]}")
  if [[ $with == pgbouncer ]]; then packages+=(pgbouncer); fi
  STEP_HINT="Install the packages named above by hand, then run the same command again."
  step "System packages" packages ensure_packages "${packages[@]}"
  STEP_HINT=""
  step "Folders" folders make_data_dir
  forget_other_ports
  step "Free ports" ports check_ports "$@"
  step "Python tools (S3 store, mail catcher)" venv ensure_venv
  local second=()
  if two_clusters; then second=("PostgreSQL, second server, on $PORT_POSTGRES_2:postgres-2:start_postgres_2"); fi
  steps_together \
    "PostgreSQL on $PORT_POSTGRES:postgres:start_postgres" "${second[@]}" \
    "Redis on $PORT_REDIS:redis:start_redis" \
    "RabbitMQ on $PORT_AMQP, page on $PORT_AMQP_WEB:rabbitmq:start_rabbitmq" \
    "SeaweedFS (S3) on $PORT_S3:seaweedfs:start_seaweedfs" \
    "ClamAV on $PORT_CLAMAV:clamav:start_clamav" \
    "Mail catcher on $PORT_SMTP, inbox on $PORT_MAIL_WEB:mail:start_mail"
  if [[ $(standby_of) != none ]]; then step "PostgreSQL, standby of $(standby_of), on $PORT_STANDBY" postgres-standby start_postgres_standby; fi
  if uses_vault; then step "OpenBao on $PORT_VAULT" vault start_used_vault; fi
  if [[ $with != pgbouncer ]]; then return 0; fi
  step "PgBouncer on $PORT_PGBOUNCER" pgbouncer start_pgbouncer
  if two_clusters; then step "PgBouncer of the second server on $PORT_PGBOUNCER_2" pgbouncer-2 start_pgbouncer_2; fi
}

# Ports are written into configurations: when the stack runs on others than wanted now, it is stopped first.
forget_other_ports() {
  local wanted="$PORT_BASE $PORT_HTTP"
  if [[ -e $RUN_DIR/ports && $(cat "$RUN_DIR/ports") != "$wanted" ]]; then
    step "Stop the stack on its former ports" stop stop_everything
  fi
  echo "$wanted" >"$RUN_DIR/ports"
}

# Ends everything, in an order in which nobody complains: first who takes requests, last who keeps data. Those that do
# not need each other end together.
stop_everything() {
  halt nginx QUIT 10
  halt app-api TERM 35 &
  halt control-api TERM 35 &
  wait
  halt orders-service TERM 5
  halt pgbouncer TERM 5
  halt pgbouncer-2 TERM 5
  stop_rabbitmq &
  stop_seaweedfs &
  halt mail TERM 5 &
  halt clamav TERM 5 &
  halt provider TERM 5 &
  halt vault TERM 10 &
  halt redis TERM 10 &
  halt postgres-standby INT 30 &
  halt postgres INT 30 &
  halt postgres-2 INT 30 &
  wait
}
