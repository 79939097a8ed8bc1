# shellcheck shell=bash
# Documents made from code: the OpenAPI snapshots and the web client's types.

# openapi_document PLANE: prints what the binary says of itself. It needs no environment.
openapi_document() { env -i "$BIN_DIR/$1" openapi; }

# Writes both snapshots; a failed run leaves the former ones.
write_documents() {
  local crate
  build_binaries
  for crate in control-api app-api; do
    openapi_document "$crate" >"$LOCAL_DIR/$crate.openapi.json"
    mv "$LOCAL_DIR/$crate.openapi.json" "$ROOT/$crate/openapi.json"
  done
}

# Whether the snapshots are what the binaries say.
check_documents() {
  local crate
  build_binaries
  for crate in control-api app-api; do
    diff -u "$ROOT/$crate/openapi.json" <(openapi_document "$crate") ||
      { echo "$crate/openapi.json is not what the code says. Run scripts/prepare and commit."; return 1; }
  done
}

# Generates the web client's types from the snapshots.
write_types() {
  ensure_web_packages
  cd "$ROOT/web" || return
  npm run --silent gen
}

# Whether the committed types fit the snapshots. Compared against copies, so that uncommitted work is kept.
check_types() {
  local work file code=0
  ensure_web_packages
  work=$(mktemp -d)
  cp "$ROOT"/web/src/api/*.d.ts "$work/"
  (cd "$ROOT/web" && npm run --silent gen)
  for file in "$work"/*.d.ts; do diff -u "$file" "$ROOT/web/src/api/$(basename "$file")" || code=1; done
  cp "$work"/*.d.ts "$ROOT/web/src/api/"
  rm -rf "$work"
  [[ $code -eq 0 ]] || { echo "web/src/api is not what the snapshots say. Run scripts/prepare and commit."; return 1; }
}
