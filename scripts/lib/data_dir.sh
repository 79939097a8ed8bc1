# shellcheck shell=bash
# Where services keep their data: below LOCAL_DIR when their users can get there, elsewhere when they cannot.

# The folder for a checkout that other users cannot enter (for example below /root). Named after the checkout, so that
# two checkouts never share it.
data_dir_elsewhere() {
  echo "/var/tmp/helpdeskly-$(printf '%s' "$LOCAL_DIR" | sha256sum | cut -c1-12)"
}

# Makes DATA_DIR, as a folder or as a link to one that PostgreSQL's user can reach.
make_data_dir() {
  if [[ ! -d $DATA_DIR ]]; then
    rm -f "$DATA_DIR"
    if as_user "$(service_user postgres)" test -x "$LOCAL_DIR"; then install -d -m 711 "$DATA_DIR"; else make_data_elsewhere; fi
  fi
  if [[ ! -e $DATA_DIR/secrets.mark ]]; then secrets_mark >"$DATA_DIR/secrets.mark"; fi
  [[ $(cat "$DATA_DIR/secrets.mark") == "$(secrets_mark)" ]] || {
    echo "$DATA_DIR was made with other passwords than those in $SECRETS_FILE."
    echo "Bring that file back, or remove the data: scripts/stop --clean"
    return 1
  }
}

# Tells whether data and secrets belong together, without telling a secret.
secrets_mark() { printf 'helpdeskly %s' "$POSTGRES_PASSWORD" | sha256sum; }

# Makes the folder elsewhere and links it. One that is not ours is refused: anybody could have prepared it. One that a
# deleted checkout left behind is unreadable without its secrets, and goes.
make_data_elsewhere() {
  local elsewhere
  elsewhere=$(data_dir_elsewhere)
  if [[ -e $elsewhere && ! -O $elsewhere || -L $elsewhere ]]; then
    echo "$elsewhere belongs to somebody else"
    return 1
  fi
  if [[ -d $elsewhere && $(cat "$elsewhere/secrets.mark" 2>/dev/null) != "$(secrets_mark)" ]]; then rm -rf -- "$elsewhere"; fi
  if [[ ! -d $elsewhere ]]; then mkdir -m 711 "$elsewhere"; fi
  ln -s "$elsewhere" "$DATA_DIR"
}

# service_dir NAME USER: makes a private folder of one service and prints its real path.
service_dir() {
  local path
  path=$(realpath "$DATA_DIR")/$1
  if [[ ! -d $path ]]; then install -d -o "$2" -g "$(id -g "$2")" -m 700 "$path"; fi
  echo "$path"
}

# Removes all data and settings of this stack. The venv stays out of the data, so it goes too: everything can be remade.
remove_data() {
  local elsewhere
  elsewhere=$(data_dir_elsewhere)
  if [[ -L $DATA_DIR && $(readlink "$DATA_DIR") == "$elsewhere" && -O $elsewhere ]]; then rm -rf -- "$elsewhere"; fi
  rm -rf -- "$LOCAL_DIR"
}
