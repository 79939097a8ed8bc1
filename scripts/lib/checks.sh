# shellcheck shell=bash
# Checks of the code itself: formatting, lints, sizes, documents. Each is one step of scripts/test.

check_formatting() { (cd "$ROOT" && cargo fmt --all -- --check); }

# Every shell script, with what it sources; Python by its own compiler.
check_scripts() {
  cd "$ROOT" || return
  shellcheck -x -a scripts/start scripts/stop scripts/prepare scripts/part scripts/test .ci/run
  local file
  for file in scripts/demo scripts/client/*.py tests/e2e/*.py; do
    "$(system_python)" - "$file" <<<'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])'
  done
}

# Files of more than 400 lines are refused, except those that size-allow.txt names with a reason. Functions of more than
# 60 lines are clippy's affair.
check_sizes() {
  local file lines code=0
  cd "$ROOT" || return
  while IFS= read -r file; do
    lines=$(wc -l <"$file")
    if ((lines > 400)) && ! grep -q "^$file " scripts/size-allow.txt; then
      echo "$file has $lines lines; split it, or say in scripts/size-allow.txt why it must be so long"
      code=1
    fi
  done < <(git ls-files --cached --others --exclude-standard -- '*.rs' '*.sql' '*.ts' '*.tsx' '*.mjs' '*.css' '*.py' '*.sh' '*.conf' 'scripts/*' |
    grep -v -e '^scripts/requirements' -e '\.json$' | while IFS= read -r file; do if [[ -f $file ]]; then echo "$file"; fi; done)
  return $code
}

# Lints and the .sqlx folders in one compilation.
check_lints() {
  make_schema
  check_queries cargo clippy --workspace --all-targets --locked -- -D warnings
}

check_rustdoc() { (cd "$ROOT" && SQLX_OFFLINE=true RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked); }

# nginx's files with the values of a production server: TLS, two servers a plane.
check_production_nginx() {
  local dir
  dir=$(mktemp -d)
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj "/CN=*.example.com" -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
  render_nginx "$dir/conf" "USER_DIRECTIVE=" "WORKERS=auto" "RUN_DIR=$dir" "MIME_TYPES=/etc/nginx/mime.types" \
    "ACCESS_LOG=/dev/stdout" "PUBLIC_SCHEME=https" "BASE_DOMAIN=example.com" "LISTEN=127.0.0.1:$PORT_HTTP ssl http2" \
    "TLS=include snippets/tls.conf;" "WEB_ROOT=/srv/web" "NO_RATE_LIMIT=" "TLS_CERTIFICATE=$dir/cert.pem" "TLS_CERTIFICATE_KEY=$dir/key.pem" \
    "CONTROL_SERVERS=  server 127.0.0.1:6500 max_fails=0;" "APP_SERVERS=  server 127.0.0.1:6501; server 127.0.0.1:6601;"
  /usr/sbin/nginx -t -p "$dir/conf" -c "$dir/conf/nginx.conf" -e stderr
  rm -rf "$dir"
}
