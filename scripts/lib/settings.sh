# shellcheck shell=bash
# Where everything lives and where everything listens. Sourced first by every script.

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)"

# One folder per stack, so that a development stack and a test stack can run side by side.
LOCAL_DIR="$(realpath -m -- "${HD_LOCAL_DIR:-$ROOT/.local}")"
DATA_DIR="$LOCAL_DIR/data"
LOG_DIR="$LOCAL_DIR/log"
RUN_DIR="$LOCAL_DIR/run"

# All ports are offsets of one base, so that one variable moves the whole stack.
PORT_BASE="${HD_PORT_BASE:-6500}"
PORT_CONTROL=$PORT_BASE
PORT_APP=$((PORT_BASE + 1))
PORT_CONTROL_METRICS=$((PORT_BASE + 10))
PORT_APP_METRICS=$((PORT_BASE + 11))
PORT_SMTP=$((PORT_BASE + 25))
PORT_IMAP=$((PORT_BASE + 26))
PORT_MAIL_WEB=$((PORT_BASE + 27))
PORT_PROVIDER=$((PORT_BASE + 28))
PORT_POSTGRES=$((PORT_BASE + 32))
PORT_POSTGRES_2=$((PORT_BASE + 33))
PORT_STANDBY=$((PORT_BASE + 34))
PORT_CLAMAV=$((PORT_BASE + 36))
PORT_S3=$((PORT_BASE + 40))
PORT_PGBOUNCER=$((PORT_BASE + 43))
PORT_PGBOUNCER_2=$((PORT_BASE + 44))
PORT_WEED=$((PORT_BASE + 50))
PORT_EPMD=$((PORT_BASE + 69))
PORT_AMQP=$((PORT_BASE + 72))
PORT_AMQP_WEB=$((PORT_BASE + 73))
PORT_ERLANG=$((PORT_BASE + 74))
PORT_REDIS=$((PORT_BASE + 79))
PORT_VAULT=$((PORT_BASE + 82))
# The address that people type stays the familiar 8080 unless the stack was moved.
if [[ -n "${HD_PORT_BASE:-}" ]]; then PORT_HTTP=$((PORT_BASE + 80)); else PORT_HTTP=8080; fi

BASE_DOMAIN="${BASE_DOMAIN:-localhost}"
PUBLIC_SCHEME=http

# Whether PostgreSQL keeps its promise after a power cut. Only the tests switch it off, for speed.
HD_FSYNC="${HD_FSYNC:-on}"
# How many PostgreSQL servers hold tenants: 1 or 2.
HD_CLUSTERS="${HD_CLUSTERS:-1}"
# Which cluster has a standby: local, second or none.
HD_STANDBY="${HD_STANDBY:-none}"
# Which servers archive their log: 1 for all, postgres or postgres-2 for one, 0 for none but those that did in a former run.
HD_ARCHIVE="${HD_ARCHIVE:-0}"
# Whether the planes keep their keys in OpenBao: 1, or 0 for only those that do already.
HD_VAULT="${HD_VAULT:-0}"
# What cargo builds: release for people, dev for tests.
HD_PROFILE="${HD_PROFILE:-release}"

export ROOT LOCAL_DIR DATA_DIR LOG_DIR RUN_DIR BASE_DOMAIN PUBLIC_SCHEME HD_FSYNC HD_PROFILE HD_CLUSTERS HD_STANDBY HD_ARCHIVE HD_VAULT
export PORT_BASE PORT_CONTROL PORT_APP PORT_CONTROL_METRICS PORT_APP_METRICS PORT_SMTP PORT_IMAP PORT_MAIL_WEB PORT_PROVIDER
export PORT_POSTGRES PORT_POSTGRES_2 PORT_STANDBY PORT_CLAMAV PORT_S3 PORT_PGBOUNCER PORT_PGBOUNCER_2 PORT_WEED PORT_EPMD PORT_AMQP PORT_AMQP_WEB PORT_ERLANG PORT_REDIS PORT_VAULT PORT_HTTP

# Makes the stack's own folders. Others may pass through LOCAL_DIR (a service user must reach its data) but not list it;
# what is secret is protected file by file.
make_folders() {
  mkdir -p "$LOCAL_DIR" "$LOG_DIR" "$RUN_DIR"
  chmod 711 "$LOCAL_DIR"
  chmod 700 "$RUN_DIR" "$LOG_DIR"
}
