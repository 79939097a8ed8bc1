# shellcheck shell=bash
# Scratch databases with the current schema: what sqlx's macros ask while compiling.

SCRATCH_CONTROL=hd_schema_control
SCRATCH_TENANT=hd_schema_tenant

# scratch_database NAME MIGRATIONS: makes a database anew from the migration files, in order, as the role that owns the
# real one. Each file is one transaction, as sqlx runs them, unless it begins by saying otherwise.
scratch_database() {
  local file together
  superuser_sql -c "drop database if exists $1 with (force)"
  superuser_sql -c "create database $1 owner control"
  for file in "$ROOT/migrations/$2"/*.sql; do
    echo "$file"
    together=(-1)
    if [[ $(head -n 1 "$file") == "-- no-transaction"* ]]; then together=(); fi
    sql_as control "$CONTROL_PASSWORD" "$1" "${together[@]}" -f "$file"
  done
}

# Both scratch databases.
make_schema() {
  scratch_database "$SCRATCH_CONTROL" control
  scratch_database "$SCRATCH_TENANT" tenant
}

# The variables by which the macros find them (each crate's sqlx.toml names its own).
schema_urls() {
  echo "CONTROL_DATABASE_URL=$(postgres_url control "$CONTROL_PASSWORD" "$SCRATCH_CONTROL")"
  echo "TENANT_DATABASE_URL=$(postgres_url control "$CONTROL_PASSWORD" "$SCRATCH_TENANT")"
}
