# shellcheck shell=bash
# Secrets of the local stack: made once, at random, readable by the owner only. Nothing has a default password.

SECRETS_FILE="$LOCAL_DIR/secrets.env"

# Random text that needs no quoting in URLs, SQL or configuration files.
random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Adds a secret under a name unless it is there: later versions may need more names than the file has.
keep_secret() {
  grep -q "^$1=" "$SECRETS_FILE" || printf '%s=%s\n' "$1" "$2" >>"$SECRETS_FILE"
}

# Makes the missing secrets and loads all of them.
load_secrets() {
  [[ -e $SECRETS_FILE ]] || (umask 077; : >"$SECRETS_FILE")
  chmod 600 "$SECRETS_FILE"
  keep_secret JWT_SECRET "$(random_hex 32)"
  keep_secret DB_ENCRYPTION_KEY "$(head -c 32 /dev/urandom | base64 -w0)"
  keep_secret POSTGRES_PASSWORD "$(random_hex 16)"
  keep_secret CONTROL_PASSWORD "$(random_hex 16)"
  keep_secret PROVISIONER_PASSWORD "$(random_hex 16)"
  keep_secret REPLICATOR_PASSWORD "$(random_hex 16)"
  keep_secret APP_READER_PASSWORD "$(random_hex 16)"
  keep_secret PGBOUNCER_PASSWORD "$(random_hex 16)"
  keep_secret REDIS_PASSWORD "$(random_hex 16)"
  keep_secret RABBITMQ_PASSWORD "$(random_hex 16)"
  keep_secret S3_ACCESS_KEY "$(random_hex 8)"
  keep_secret S3_SECRET_KEY "$(random_hex 20)"
  keep_secret MAIL_PASSWORD "$(random_hex 8)"
  keep_secret DEMO_PASSWORD "Demo-$(random_hex 6)"
  # shellcheck source=/dev/null
  source "$SECRETS_FILE"
}

# Addresses with passwords in them, built in one place.
postgres_url() { echo "postgres://$1:$2@127.0.0.1:$PORT_POSTGRES/$3"; }
control_database_url() { postgres_url control "$CONTROL_PASSWORD" helpdeskly_control; }
app_reader_url() { postgres_url app_reader "$APP_READER_PASSWORD" helpdeskly_control; }
provisioner_url() { postgres_url provisioner "$PROVISIONER_PASSWORD" postgres; }
superuser_url() { postgres_url postgres "$POSTGRES_PASSWORD" postgres; }
second_provisioner_url() { PORT_POSTGRES=$PORT_POSTGRES_2 provisioner_url; }
second_superuser_url() { PORT_POSTGRES=$PORT_POSTGRES_2 superuser_url; }
redis_url() { echo "redis://:$REDIS_PASSWORD@127.0.0.1:$PORT_REDIS/0"; }
amqp_url() { echo "amqp://helpdeskly:$RABBITMQ_PASSWORD@127.0.0.1:$PORT_AMQP/%2f"; }
amqp_web_url() { echo "http://helpdeskly:$RABBITMQ_PASSWORD@127.0.0.1:$PORT_AMQP_WEB"; }
imap_url() { echo "imap://any%40address:$MAIL_PASSWORD@127.0.0.1:$PORT_IMAP"; }
