# shellcheck shell=bash
# The end of a start: where to go and how to log in, and the logs for those who stay.

# welcome SECONDS yes|no: prints addresses, and the demo organisation's logins when there is one.
welcome() {
  local address="$BASE_DOMAIN:$PORT_HTTP"
  printf '\nHelpdeskly is up (%s s).\n\n' "$1"
  if [[ $2 == yes ]]; then demo_logins "$PUBLIC_SCHEME://demo.$address"; fi
  cat <<TEXT
  Sign up         $PUBLIC_SCHEME://app.$address
  Mail inbox      http://127.0.0.1:$PORT_MAIL_WEB
  RabbitMQ        http://127.0.0.1:$PORT_AMQP_WEB (helpdeskly, $RABBITMQ_PASSWORD)
  API pages       http://127.0.0.1:$PORT_CONTROL/docs and http://127.0.0.1:$PORT_APP/docs

  Addresses for programs: $STACK_ENV
  Logs: $LOG_DIR · stop: scripts/stop
TEXT
}

# Where the demo organisation is and who may log in.
demo_logins() {
  # shellcheck source=/dev/null
  source "$STACK_ENV"
  cat <<TEXT
  Demo            $1
    admin           $DEMO_ADMIN_EMAIL
    manager         $DEMO_MANAGER_EMAIL
    agent           $DEMO_AGENT_EMAIL
    customer        $DEMO_CUSTOMER_EMAIL
    their password  $DEMO_PASSWORD
    the admin's second factor
      secret        $DEMO_ADMIN_TOTP_SECRET
      code now      $(PYTHONPATH=$ROOT/scripts PYTHONDONTWRITEBYTECODE=1 "$(system_python)" -m client.phone "$DEMO_ADMIN_TOTP_SECRET")

TEXT
}

# Shows the APIs' logs until Ctrl-C, then stops what was started.
follow_logs() {
  tail -n 0 -F "$LOG_DIR/control-api.log" "$LOG_DIR/app-api.log" &
  local follower=$!
  # shellcheck disable=SC2064 # the pid is known now
  trap "kill $follower; echo; step Stop stop stop_everything; exit 0" INT TERM
  wait "$follower"
}
