# shellcheck shell=bash
# The .sqlx folders: descriptions of every checked query, so that a build needs no database. Written by the macros
# themselves when SQLX_OFFLINE_DIR is set; sqlx-cli does no more, and this way nobody has to install it.

CRATES=(shared control-api app-api)

# Root files of a crate's targets. Touching them makes cargo compile the crate (and so run its macros) again.
# shellcheck disable=SC2153 # ROOT is set in settings.sh
crate_roots() { find "$ROOT/$1" -path "*/src/lib.rs" -o -path "*/src/main.rs" -o -path "*/tests/*/main.rs"; }

# with_live_queries DIR CRATES CARGO-COMMAND…: runs cargo against the scratch databases with the macros of the named
# crates writing into DIR. The files' times are put back, so that nobody else's build starts over.
with_live_queries() {
  local dir=$1 crates=$2 root code=0 roots=() times=()
  shift 2
  mkdir -p "$dir"
  # shellcheck disable=SC2086 # a list of crate names, split on purpose
  for root in $(for crate in $crates; do crate_roots "$crate"; done); do
    roots+=("$root")
    times+=("$(stat -c %y "$root")")
    touch "$root"
  done
  (
    set -a
    # shellcheck source=/dev/null
    source <(schema_urls)
    export SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$dir
    cd "$ROOT" && "$@"
  ) || code=$?
  local index
  for index in "${!roots[@]}"; do touch -d "${times[$index]}" "${roots[$index]}"; done
  return $code
}

# prepare_crate CRATE: writes the crate's .sqlx anew. The first call brings its dependencies up to date, so that the
# second compiles (and describes) nothing but this crate.
prepare_crate() {
  local crate=$1 work features=()
  if grep -q '^testing' "$ROOT/$crate/Cargo.toml"; then features=(--features testing); fi
  work=$(mktemp -d)
  with_live_queries "$work/others" "" cargo check --quiet -p "$crate" --all-targets "${features[@]}"
  with_live_queries "$work/own" "$crate" cargo check --quiet -p "$crate" --all-targets "${features[@]}"
  rm -rf "${ROOT:?}/$crate/.sqlx"
  if [[ -n "$(ls -A "$work/own")" ]]; then
    mkdir "$ROOT/$crate/.sqlx"
    cp "$work/own"/query-*.json "$ROOT/$crate/.sqlx/"
  fi
  echo "$crate: $(find "$work/own" -name 'query-*.json' | wc -l) queries"
  rm -rf "$work"
}

# check_queries CARGO-COMMAND…: runs one cargo command over the whole workspace with live queries and compares what the
# macros described with what is committed. One pass serves clippy and this check.
check_queries() {
  local work crate code=0
  work=$(mktemp -d)
  with_live_queries "$work/live" "${CRATES[*]}" "$@"
  mkdir "$work/committed"
  for crate in "${CRATES[@]}"; do
    if [[ -d $ROOT/$crate/.sqlx ]]; then cp "$ROOT/$crate/.sqlx"/*.json "$work/committed/"; fi
  done
  (cd "$work" && diff -r committed live) || code=$?
  rm -rf "$work"
  [[ $code -eq 0 ]] || { echo "The .sqlx folders do not fit the code and the migrations. Run scripts/prepare and commit."; return 1; }
}
