# shellcheck shell=bash
# The test runs: Rust by nextest, the front end by vitest, the whole by real parts. Each ends with its runner's own words.

# Everything that tests need to reach the stack, from stack.env. Builds stay offline although database addresses are set.
with_stack() {
  (
    set -a
    # shellcheck source=/dev/null
    source "$STACK_ENV"
    SQLX_OFFLINE=true
    "$@"
  )
}

# Installs the test runner when it is missing; the version is one that fits the toolchain of rust-version.
ensure_nextest() {
  check_toolchain
  if cargo nextest --version >/dev/null 2>&1; then return 0; fi
  cargo install cargo-nextest --locked --version 0.9.143
}

# run_nextest ARGUMENT…: the Rust tests.
run_nextest() {
  cd "$ROOT" || return
  with_stack cargo nextest run --workspace --locked --no-tests=pass --color never "$@"
}

run_unit_tests() {
  run_nextest --lib --bins
  (cd "$ROOT" && SQLX_OFFLINE=true cargo test --workspace --locked --doc --quiet)
}

run_integration_tests() { run_nextest --test '*'; }

# npm_script NAME: one script of the front end.
npm_script() {
  ensure_web_packages
  (cd "$ROOT/web" && CI=true npm run --silent "$1")
}

run_web_tests() { npm_script test; }

# once_more COMMAND…: in CI, where neighbours take the machine's time, what fails is tried once more and named FLAKY.
once_more() {
  if "$@"; then return 0; fi
  [[ ${CI:-} == true ]] || return 1
  printf '\nFLAKY, once more: %s\n' "${*: -1}"
  "$@"
}

# end_to_end MODULE…: modules of tests/e2e against the running stack.
end_to_end() {
  local module modules=()
  for module in "$@"; do modules+=("tests.e2e.$module"); done
  cd "$ROOT" || return
  export PYTHONDONTWRITEBYTECODE=1 HD_LOCAL_DIR=$LOCAL_DIR
  once_more "$(system_python)" -W ignore::ResourceWarning -m unittest -v "${modules[@]}"
}

# Each file of walks by itself, two at a time: a browser waits for half of its time. One that fails in CI is tried once more
# without all the others. What they said comes in the order of the files.
run_browser_tests() {
  local file said
  said=$(mktemp -d)
  ensure_web_packages
  cd "$ROOT/web" || return
  for file in e2e/*.test.mjs; do
    while (($(jobs -rp | wc -l) >= 2)); do wait -n || true; done
    walk "$file" "$said" &
  done
  wait
  cat "$said"/*.mjs
  [[ ! -e $said/failed ]] || return 1
  rm -r "$said"
}

# walk FILE FOLDER: one file's walks; what they say, and whether one failed, is told by files of the folder.
walk() { once_more with_stack npm run --silent e2e "$1" >"$2/${1##*/}" 2>&1 || touch "$2/failed"; }

# closing_lines LOG PATTERN: shows how a runner summed itself up.
closing_lines() {
  sed 's/\x1b\[[0-9;]*m//g' "$LOG_DIR/$1.log" | grep -E -- "$2" | tail -n 4 | sed 's/^ */      /' || true
}
