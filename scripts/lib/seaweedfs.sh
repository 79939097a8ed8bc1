# shellcheck shell=bash
# The S3 store: SeaweedFS with one identity. All of its many ports are named, since the defaults are fixed numbers.

BUCKET=sav

# The only identity; anonymous access does not exist.
seaweedfs_identity() {
  printf '{"identities":[{"name":"helpdeskly","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}\n' \
    "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
}

# s3_request METHOD PATH: one signed request. curl reads the keys from its input: everybody may read command lines.
s3_request() {
  curl -fsS -m 5 -K - -X "$1" --aws-sigv4 aws:amz:us-east-1:s3 "http://127.0.0.1:$PORT_S3$2" <<<"user = $S3_ACCESS_KEY:$S3_SECRET_KEY"
}

# Makes the private bucket unless it exists.
make_bucket() { s3_request GET "/$BUCKET?max-keys=1" || s3_request PUT "/$BUCKET"; }

# Starts SeaweedFS unless it runs. Iceberg, Lance and telemetry are off: they would open fixed ports and call home.
# Volumes take room as they fill: 200 of 64 MiB are 12.5 GiB at most.
# The only master need not wait 10 s for other candidates, nor the only volume server 10 s for its farewell.
start_seaweedfs() {
  local dir
  dir=$(service_dir seaweedfs "$(id -un)")
  if ! running seaweedfs; then
    (umask 077; seaweedfs_identity >"$dir/s3.json"; mkdir -p "$dir/data")
    cd "$dir" || return
    spawn seaweedfs "$(id -un)" "$VENV/bin/weed" -logtostderr=true server -ip=127.0.0.1 -ip.bind=127.0.0.1 -dir="$dir/data" \
      -master.port="$PORT_WEED" -master.port.grpc=$((PORT_WEED + 1)) -volume.port=$((PORT_WEED + 2)) \
      -volume.port.grpc=$((PORT_WEED + 3)) -filer -filer.port=$((PORT_WEED + 4)) -filer.port.grpc=$((PORT_WEED + 5)) \
      -s3 -s3.port="$PORT_S3" -s3.port.grpc=$((PORT_WEED + 6)) -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$dir/s3.json" \
      -volume.max=200 -master.volumeSizeLimitMB=64 -master.telemetry=false -master.electionTimeout=1s -volume.preStopSeconds=0
  fi
  wait_for_service seaweedfs 60 make_bucket
}

# Stops SeaweedFS. It sits idle for 15 s before it closes, and what it has acknowledged is written by then: 3 s are
# enough, and a kill loses nothing.
stop_seaweedfs() { halt seaweedfs TERM 3; }
