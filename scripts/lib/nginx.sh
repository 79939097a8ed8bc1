# shellcheck shell=bash
# nginx: renders the files of nginx/ and runs them. The same files serve production, with other values.

# The only names that are replaced; every other `$name` belongs to nginx.
NGINX_VARIABLES=(USER_DIRECTIVE WORKERS RUN_DIR MIME_TYPES ACCESS_LOG PUBLIC_SCHEME BASE_DOMAIN LISTEN TLS WEB_ROOT
  NO_RATE_LIMIT CONTROL_SERVERS APP_SERVERS TLS_CERTIFICATE TLS_CERTIFICATE_KEY)

# render_nginx OUT NAME=value…: writes the configuration to OUT. Fails when a variable is left over, so that a forgotten
# value is not found out by nginx at three in the morning.
render_nginx() {
  local out=$1 assignment name program=() file
  shift
  for assignment in "$@"; do
    name=${assignment%%=*}
    [[ " ${NGINX_VARIABLES[*]} " == *" $name "* ]] || { echo "nginx has no variable $name"; return 1; }
    program+=(-e "s|\${$name}|${assignment#*=}|g")
  done
  rm -rf "$out/conf.d" "$out/snippets"
  mkdir -p "$out/conf.d" "$out/snippets"
  sed "${program[@]}" "$ROOT/nginx/nginx.conf.template" >"$out/nginx.conf"
  for file in "$ROOT"/nginx/conf.d/*.conf "$ROOT"/nginx/snippets/*.conf; do
    if [[ $file == */tls.conf && "$*" != *TLS_CERTIFICATE=* ]]; then continue; fi
    sed "${program[@]}" "$file" >"$out/${file#"$ROOT/nginx/"}"
  done
  # shellcheck disable=SC2016 # the pattern is meant literally
  if grep -rn '\${[A-Z]' "$out/nginx.conf" "$out/conf.d" "$out/snippets"; then return 1; fi
}

# The values of the local stack. Workers give up root where we have it; snippets/tls.conf is not included.
render_local_nginx() {
  local user=""
  if [[ $EUID -eq 0 ]]; then user="user $(service_user www-data) $(id -gn "$(service_user www-data)");"; fi
  render_nginx "$1" "USER_DIRECTIVE=$user" "WORKERS=1" "RUN_DIR=$1" "MIME_TYPES=/etc/nginx/mime.types" \
    "ACCESS_LOG=$LOG_DIR/nginx-access.log" "PUBLIC_SCHEME=$PUBLIC_SCHEME" "BASE_DOMAIN=$BASE_DOMAIN" \
    "LISTEN=127.0.0.1:$PORT_HTTP" "TLS=" "WEB_ROOT=$1/www" "NO_RATE_LIMIT=${NO_RATE_LIMIT:-}" \
    "CONTROL_SERVERS=  server 127.0.0.1:$PORT_CONTROL max_fails=0;" "APP_SERVERS=  server 127.0.0.1:$PORT_APP max_fails=0;"
}

# Copies the built front end to where nginx's workers can read it (a checkout below /root is closed to them). The
# new files come before the new index.html, and old ones stay until the next start: open tabs still load their chunks.
publish_web() {
  local to=$1/www
  mkdir -p "$to"
  chmod 755 "$to"
  find "$ROOT/web/dist" -mindepth 1 -maxdepth 1 ! -name index.html -exec cp -r {} "$to/" \;
  cp "$ROOT/web/dist/index.html" "$to/index.html.new"
  chmod -R a+rX "$to"
  mv "$to/index.html.new" "$to/index.html"
}

# Whether nginx answers with its own check.
nginx_ready() { [[ $(curl -fsS -m 2 "http://127.0.0.1:$PORT_HTTP/healthz") == ok ]]; }

# A hash over the rendered files, to see whether they changed. The first time there are none.
nginx_files() { find "$1" -name '*.conf' -print0 | LC_ALL=C sort -z | xargs -0 -r cat | sha256sum; }

# reload_nginx: new settings for who connects from now on. Returns when the old workers take nobody in any more.
reload_nginx() {
  local master worker old deadline=$((SECONDS + 10))
  master=$(cat "$RUN_DIR/nginx.pid")
  old=$(children_of "$master")
  kill -s HUP "$master"
  for worker in $old; do
    until ! [[ -e /proc/$worker ]] || grep -qs 'shutting down' "/proc/$worker/cmdline"; do
      ((SECONDS < deadline)) || { echo "nginx goes on with its old settings"; return 1; }
      sleep 0.05
    done
  done
}

# Starts nginx, or lets the running one take over a changed configuration without dropping a connection.
start_nginx() {
  local dir before nginx=/usr/sbin/nginx
  dir=$(service_dir nginx "$(id -un)")
  chmod 711 "$dir"
  before=$(nginx_files "$dir")
  render_local_nginx "$dir"
  publish_web "$dir"
  "$nginx" -t -q -p "$dir" -c "$dir/nginx.conf" -e stderr
  if ! running nginx; then
    end_orphans nginx
    cd "$dir" || return
    spawn nginx "$(id -un)" "$nginx" -p "$dir" -c "$dir/nginx.conf" -e stderr
  elif [[ $before != "$(nginx_files "$dir")" ]]; then
    reload_nginx
  fi
  wait_for_service nginx 15 nginx_ready
}
