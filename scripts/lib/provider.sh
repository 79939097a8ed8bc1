# shellcheck shell=bash
# An identity provider for the tests of single sign-on: anybody is whom they say, and it vouches for what it was told.
# Only tests start it.

provider_ready() { port_taken "$PORT_PROVIDER"; }

# Starts the identity provider unless it runs.
start_provider() {
  need_ports provider "$PORT_PROVIDER"
  if ! running provider; then
    spawn provider "$(id -un)" "$VENV/bin/oidc-provider-mock" --host 127.0.0.1 --port "$PORT_PROVIDER" --require-nonce
  fi
  wait_for_service provider 30 provider_ready
}
