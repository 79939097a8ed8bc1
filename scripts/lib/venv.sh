# shellcheck shell=bash
# The Python tools (S3 store, mail catcher): one venv per stack, pinned with hashes, remade when the pins change.

VENV="$LOCAL_DIR/venv"

# Python of the system: it matches the python3-venv package; another python first in PATH may lack ensurepip.
system_python() { if [[ -x /usr/bin/python3 ]]; then echo /usr/bin/python3; else command -v python3; fi; }

# Makes the venv unless it was made from the same pins.
ensure_venv() {
  local pins
  pins=$(cat "$ROOT"/scripts/requirements*.txt | sha256sum)
  if [[ -x $VENV/bin/weed && $(cat "$VENV/.pins" 2>/dev/null) == "$pins" ]]; then return 0; fi
  rm -rf "$VENV"
  "$(system_python)" -m venv "$VENV"
  "$VENV/bin/pip" install --quiet --require-hashes --only-binary :all: -r "$ROOT/scripts/requirements.txt"
  echo "$pins" >"$VENV/.pins"
}
