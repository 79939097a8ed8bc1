# shellcheck shell=bash
# .local/stack.env: what a client, a test or a developer needs to reach the stack. One NAME=value a line, no quotes.

STACK_ENV="$LOCAL_DIR/stack.env"

# Addresses of everything that runs.
stack_addresses() {
  cat <<ENV
HD_BASE=$PUBLIC_SCHEME://$BASE_DOMAIN:$PORT_HTTP
HD_DOMAIN=$BASE_DOMAIN
HD_PORT=$PORT_HTTP
CONTROL_API_URL=http://127.0.0.1:$PORT_CONTROL
APP_API_URL=http://127.0.0.1:$PORT_APP
CONTROL_METRICS_URL=http://127.0.0.1:$PORT_CONTROL_METRICS/metrics
APP_METRICS_URL=http://127.0.0.1:$PORT_APP_METRICS/metrics
CONTROL_DATABASE_URL=$(control_database_url)
APP_READER_DATABASE_URL=$(app_reader_url)
PROVISIONER_DATABASE_URL=$(provisioner_url)
SUPERUSER_DATABASE_URL=$(superuser_url)
TEST_DATABASE_ADMIN_URL=$(superuser_url)
PGBOUNCER_PORT=$PORT_PGBOUNCER
REDIS_URL=$(redis_url)
AMQP_URL=$(amqp_url)
RABBITMQ_MANAGEMENT_URL=$(amqp_web_url)
S3_ENDPOINT=http://127.0.0.1:$PORT_S3
S3_BUCKET=$BUCKET
S3_REGION=us-east-1
S3_ACCESS_KEY=$S3_ACCESS_KEY
S3_SECRET_KEY=$S3_SECRET_KEY
CLAMAV_ADDR=127.0.0.1:$PORT_CLAMAV
SMTP_URL=smtp://127.0.0.1:$PORT_SMTP
MAIL_WEB_URL=http://127.0.0.1:$PORT_MAIL_WEB
MAIL_IMAP_URL=$(imap_url)
PROVIDER_URL=http://127.0.0.1:$PORT_PROVIDER
ENV
  if running vault; then vault_addresses; fi
  if running postgres-2; then second_addresses; fi
  if running postgres-standby; then echo "STANDBY_SUPERUSER_DATABASE_URL=$(PORT_POSTGRES=$PORT_STANDBY superuser_url)"; fi
}

# OpenBao, when it runs. Its root token and the key that unseals it are for tests.
vault_addresses() {
  cat <<ENV
VAULT_TEST_ADDR=$VAULT_ADDR_LOCAL
VAULT_TEST_FOLDER=$(realpath "$DATA_DIR")/vault
VAULT_TEST_ROOT_TOKEN=$(vault_told root_token)
VAULT_TEST_UNSEAL_KEY=$(vault_told unseal_key)
ENV
}

# The second server, when it runs. Tests that need it refuse to pass without these.
second_addresses() {
  cat <<ENV
SECOND_PROVISIONER_DATABASE_URL=$(second_provisioner_url)
SECOND_SUPERUSER_DATABASE_URL=$(second_superuser_url)
TEST_SECOND_DATABASE_ADMIN_URL=$(second_superuser_url)
SECOND_PGBOUNCER_PORT=$PORT_PGBOUNCER_2
ENV
}

# Names of the demo organisation that scripts/demo signs up.
stack_demo() {
  cat <<ENV
DEMO_SLUG=demo
DEMO_ADMIN_EMAIL=camille.martin@demo.example
DEMO_MANAGER_EMAIL=sofia.keller@demo.example
DEMO_AGENT_EMAIL=ana.lopez@demo.example
DEMO_CUSTOMER_EMAIL=chloe.bernard@mail.example
DEMO_PASSWORD=$DEMO_PASSWORD
ENV
  demo_secret
}

# The secret of the demo admin's authenticator app, once scripts/demo has set it up.
demo_secret() {
  if [[ -e $STACK_ENV ]]; then grep '^DEMO_ADMIN_TOTP_SECRET=' "$STACK_ENV" || true; fi
}

# Pid files, for tests that stop or kill one part.
stack_pids() {
  local name
  for name in postgres postgres-2 postgres-standby redis rabbitmq seaweedfs clamav mail provider nginx pgbouncer pgbouncer-2 vault orders-service control-api app-api; do
    local variable=${name^^}
    echo "PID_${variable//-/_}=$RUN_DIR/$name.pid"
  done
}

# Writes the file; it holds passwords, so it is readable by the owner only.
write_stack_env() {
  (umask 077; { stack_addresses; stack_demo; stack_pids; } >"$STACK_ENV.new")
  mv "$STACK_ENV.new" "$STACK_ENV"
}
