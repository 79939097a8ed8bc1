# shellcheck shell=bash
# Loads every part of the stack's scripts, in the order in which they need each other.

LIB="$(dirname -- "${BASH_SOURCE[0]}")"
# shellcheck source=lib/settings.sh
source "$LIB/settings.sh"
# shellcheck source=lib/steps.sh
source "$LIB/steps.sh"
# shellcheck source=lib/processes.sh
source "$LIB/processes.sh"
# shellcheck source=lib/ports.sh
source "$LIB/ports.sh"
# shellcheck source=lib/packages.sh
source "$LIB/packages.sh"
# shellcheck source=lib/data_dir.sh
source "$LIB/data_dir.sh"
# shellcheck source=lib/venv.sh
source "$LIB/venv.sh"
make_folders
# shellcheck source=lib/secrets.sh
source "$LIB/secrets.sh"
# shellcheck source=lib/postgres.sh
source "$LIB/postgres.sh"
# shellcheck source=lib/redis.sh
source "$LIB/redis.sh"
# shellcheck source=lib/rabbitmq.sh
source "$LIB/rabbitmq.sh"
# shellcheck source=lib/clamav.sh
source "$LIB/clamav.sh"
# shellcheck source=lib/seaweedfs.sh
source "$LIB/seaweedfs.sh"
# shellcheck source=lib/mail.sh
source "$LIB/mail.sh"
# shellcheck source=lib/provider.sh
source "$LIB/provider.sh"
# shellcheck source=lib/pgbouncer.sh
source "$LIB/pgbouncer.sh"
# shellcheck source=lib/vault.sh
source "$LIB/vault.sh"
# shellcheck source=lib/infra.sh
source "$LIB/infra.sh"
# shellcheck source=lib/stack_env.sh
source "$LIB/stack_env.sh"
# shellcheck source=lib/schema.sh
source "$LIB/schema.sh"
# shellcheck source=lib/queries.sh
source "$LIB/queries.sh"
# shellcheck source=lib/web.sh
source "$LIB/web.sh"
# shellcheck source=lib/documents.sh
source "$LIB/documents.sh"
# shellcheck source=lib/nginx.sh
source "$LIB/nginx.sh"
# shellcheck source=lib/binaries.sh
source "$LIB/binaries.sh"
# shellcheck source=lib/orders.sh
source "$LIB/orders.sh"
# shellcheck source=lib/apis.sh
source "$LIB/apis.sh"
# shellcheck source=lib/welcome.sh
source "$LIB/welcome.sh"
