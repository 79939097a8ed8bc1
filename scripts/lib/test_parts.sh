# shellcheck shell=bash
# The parts of scripts/test, in steps.

# Whether a part was asked for. `parts` is scripts/test's own list.
wanted() { [[ " ${parts[*]} " == *" $1 "* ]]; }

# Ends what a former run left behind and forgets its data: a test must not find what another one wrote.
clean_slate() {
  stop_everything
  rm -f "$LOG_DIR"/*.log "$RUN_DIR"/*
  local elsewhere
  elsewhere=$(data_dir_elsewhere)
  if [[ -L $DATA_DIR && $(readlink "$DATA_DIR") == "$elsewhere" && -O $elsewhere ]]; then rm -rf -- "$elsewhere"; fi
  rm -rf -- "$DATA_DIR" "$LOCAL_DIR/secrets.env" "$LOCAL_DIR/stack.env" "$LOCAL_DIR/phones.json" "$LOCAL_DIR/issued.jsonl"
}

# Runs at the end, whatever the end is: stops the stack and says where to look.
finish() {
  local code=$1 job
  trap - EXIT INT TERM
  for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
  stop_everything >>"$LOG_DIR/stop.log" 2>&1 || true
  if [[ $code -ne 0 ]]; then printf '\nFAILED. All logs: %s\n' "$LOG_DIR"; else printf 'Logs: %s\n' "$LOG_DIR"; fi
  exit "$code"
}

part_checks() {
  step "Formatting" fmt check_formatting
  step "Scripts (shellcheck, Python)" scripts check_scripts
  step "Sizes" sizes check_sizes
  step "nginx files as in production" nginx-production check_production_nginx
  step "Clippy -D warnings, .sqlx" clippy check_lints
  step "Rustdoc -D warnings" rustdoc check_rustdoc
  step "OpenAPI snapshots" documents check_documents
}

part_unit() {
  step "Test runner (cargo-nextest)" nextest ensure_nextest
  step "Rust unit tests" unit run_unit_tests
  closing_lines unit 'Summary|FLAKY'
}

part_integration() {
  step "Test runner (cargo-nextest)" nextest ensure_nextest
  step "Rust integration tests" integration run_integration_tests
  closing_lines integration 'Summary|FLAKY'
}

part_web() {
  step "Packages (npm ci)" npm ensure_web_packages
  step "Generated types" types check_types
  step "Type check" typecheck npm_script typecheck
  step "Lint (Biome)" biome npm_script lint
  closing_lines biome 'Checked|Found'
  step "Unit tests (vitest)" vitest run_web_tests
  closing_lines vitest '(Test Files|Tests) '
  step "Build" web build_web
}

# The real binaries behind the real nginx. Faults come after the rest, since they end what others need; PgBouncer comes
# after them, since it restarts the APIs on another route. Last, what all of them have issued is looked for.
part_e2e() {
  steps_together "Web front end:web:build_web" "Binaries (dev):cargo:build_binaries"
  start_stack
  suite "API through nginx" e2e-api test_sign_up test_sessions test_tickets test_orders test_isolation test_hostile test_nginx test_paths test_timers test_times test_operators test_secrets test_commands test_traces
  step "Identity provider on $PORT_PROVIDER" provider start_provider
  suite "Single sign-on" e2e-sso test_sso
  suite "Scripts" e2e-scripts test_start
  suite "Clusters" e2e-clusters test_clusters
  suite "Events, mail and live updates" e2e-events test_events test_live
  step "Browser (Chromium)" browser run_browser_tests
  printf '      %s walks passed\n' "$(grep -c '^✔ ' "$LOG_DIR/browser.log")"
  closing_lines browser 'FLAKY'
  suite "Access that ends" e2e-access test_access
  closing_lines e2e-access '^from a logout'
  suite "Faults" e2e-faults test_faults
  suite "Crashes of the APIs" e2e-crashes test_crashes
  suite "Tickets as files" e2e-files test_files
  suite "Files of tickets" e2e-attachments test_attachments
  suite "Audit trails" e2e-audit test_audit
  suite "Backups" e2e-backups test_backup
  # Not in front of the command: what a function clears there, its children find again.
  export NO_RATE_LIMIT=""
  step "nginx with its limits" nginx start_nginx
  suite "Limits of nginx" e2e-limits test_limits
  start_stack
  suite "Limits of the APIs" e2e-rates test_rates
  export NO_RATE_LIMIT=1 TENANT_ROUTE=pooled
  start_stack
  suite "Through PgBouncer" e2e-pooled test_sign_up test_tickets test_pooled
  suite "Traces of all suites" e2e-traces test_traces
}

# What takes long and changes seldom: the work of operators on whole organisations, ended at any moment. The integration tests
# walk the same steps in one process.
part_long() {
  export TENANT_ROUTE=direct
  steps_together "Web front end:web:build_web" "Binaries (dev):cargo:build_binaries"
  start_stack
  suite "Killed at every step" e2e-kills test_kills
  suite "Exchange of keys" e2e-keys test_keys
  suite "Moves between servers" e2e-move test_move
  suite "Migration of all tenants" e2e-fleet test_fleet
  # The second server alone: tests write much log on the first.
  export HD_ARCHIVE=postgres-2
  step "Archive of the second server's log" postgres-2 start_postgres_2
  start_stack
  suite "Moments" e2e-moments test_pitr
  export HD_ARCHIVE=0
  start_stack
  # Last: once the keys are in Vault, they stay there.
  suite "Keys in Vault" e2e-vault test_vault
  suite "Traces of all suites" e2e-traces test_traces
}

# Brings control database, APIs and nginx to the present settings.
start_stack() {
  step "Control database and cluster" migrate prepare_control_plane
  step "Orders service" orders-service start_orders_service
  steps_together "control-api on $PORT_CONTROL:control-api:start_control_api" "app-api on $PORT_APP:app-api:start_app_api"
  step "nginx on $PORT_HTTP" nginx start_nginx
}

# suite TITLE LOG MODULE…: end-to-end tests with their closing lines.
suite() {
  local title=$1 log=$2
  shift 2
  step "$title" "$log" end_to_end "$@"
  closing_lines "$log" '^(Ran|OK|FAILED|FLAKY)'
}
