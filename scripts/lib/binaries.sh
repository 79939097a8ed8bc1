# shellcheck shell=bash
# The binaries: built by cargo, kept in the stack's own folder.

BIN_DIR="$LOCAL_DIR/bin/$HD_PROFILE"

# cargo decides what to build again; nothing is skipped on its behalf. .sqlx makes a database unnecessary. The binaries
# are copied out: another checkout may share the target folder, and would put its own in their
# place. `build_binaries ceiling` adds what only measurements need; built together, all share what they depend on.
build_binaries() {
  local profile=() name from binaries=(control-api app-api orders-service "$@")
  if [[ $HD_PROFILE == release ]]; then profile=(--release); fi
  check_toolchain
  (cd "$ROOT" && SQLX_OFFLINE=true cargo build --locked "${profile[@]}" "${binaries[@]/#/--package=}")
  from=$(target_folder)
  mkdir -p "$BIN_DIR"
  for name in "${binaries[@]}"; do
    if cmp -s "$from/$name" "$BIN_DIR/$name"; then continue; fi
    cp --reflink=auto "$from/$name" "$BIN_DIR/$name.new"
    mv "$BIN_DIR/$name.new" "$BIN_DIR/$name"
  done
}

# Where cargo puts binaries: its own answer, since CARGO_TARGET_DIR or a configuration file may have moved it.
target_folder() {
  local folder=release
  if [[ $HD_PROFILE == dev ]]; then folder=debug; fi
  echo "$(cd "$ROOT" && cargo metadata --no-deps --locked --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')/$folder"
}
