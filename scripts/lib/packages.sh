# shellcheck shell=bash
# System packages: installs what is missing with apt when it may, otherwise says exactly what to install.

# What a full stack needs. `postgresql` and `nginx` come without our starting the machine's own services.
STACK_PACKAGES=(postgresql redis-server rabbitmq-server nginx-light clamav-daemon poppler-utils curl ca-certificates gcc libc6-dev python3-venv util-linux)

# Names of packages that are not installed. Any nginx flavour serves.
missing_packages() {
  local package
  for package in "$@"; do
    if [[ $package == nginx-light ]] && command -v /usr/sbin/nginx >/dev/null; then continue; fi
    if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then echo "$package"; fi
  done
}

# Installs the packages that are missing, as root or through sudo.
ensure_packages() {
  local missing become=()
  command -v dpkg-query >/dev/null || { echo "This machine has no apt. Install: $*"; return 1; }
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]]; then
    become=(sudo -n)
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      echo "Missing packages. Install them, then run this again:"
      echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
  fi
  echo "installing ${missing[*]}"
  install_quietly "${become[@]}" -- "${missing[@]}"
}

# install_quietly BECOME… -- PACKAGE…: apt would start each installed service on its standard port. A policy file that
# says no (invoke-rc.d's exit code 101) stays for the time of the installation; units that came new are switched off, so
# that the next boot does not start them either.
install_quietly() {
  local become=()
  while [[ $1 != -- ]]; do become+=("$1"); shift; done
  shift
  local policy=/usr/sbin/policy-rc.d made_policy=no
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${become[@]}" tee "$policy" >/dev/null
    "${become[@]}" chmod 755 "$policy"
    made_policy=yes
  fi
  local code=0
  apt_install "$@" || code=$?
  if [[ $made_policy == yes ]]; then "${become[@]}" rm -f "$policy"; fi
  [[ $code -eq 0 ]] || return "$code"
  if [[ -d /run/systemd/system ]]; then switch_off "$@"; fi
}

# Lists are refreshed only when a package is unknown to the lists at hand: `apt-get update` is slow and may be offline.
# `become` comes from the caller.
apt_install() {
  local apt=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y)
  "${apt[@]}" install --no-install-recommends "$@" && return 0
  "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"
}

# Disables the units of the packages that were just installed. `become` comes from the caller.
switch_off() {
  local package unit
  for package in "$@"; do
    case $package in
      postgresql | redis-server | rabbitmq-server | pgbouncer | clamav-daemon) unit=$package ;;
      nginx-light) unit=nginx ;;
      *) continue ;;
    esac
    "${become[@]}" systemctl disable --now "$unit" || true
  done
}

# Tools that apt is not asked for: the Rust toolchain is the reader's own.
check_toolchain() {
  if [[ -x $HOME/.cargo/bin/cargo ]]; then export PATH="$HOME/.cargo/bin:$PATH"; fi
  command -v cargo >/dev/null || {
    echo "cargo is missing. Install the Rust toolchain (1.95 or newer) from https://rustup.rs and run this again."
    return 1
  }
}
