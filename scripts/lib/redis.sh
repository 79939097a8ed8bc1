# shellcheck shell=bash
# Redis: append-only file, nothing evicted (it holds sessions and limits, not only cache).

# Our settings. The password is in the file and not on the command line, where others could read it.
redis_settings() {
  cat <<CONF
bind 127.0.0.1
port $PORT_REDIS
dir $1
requirepass $REDIS_PASSWORD
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
daemonize no
CONF
}

# One command to Redis; the password goes by environment.
redis_command() { REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h 127.0.0.1 -p "$PORT_REDIS" --no-auth-warning "$@"; }

# Whether Redis answers and has loaded its data.
redis_ready() { [[ $(redis_command ping) == PONG ]]; }

# Starts Redis unless it runs.
start_redis() {
  local user dir
  user=$(service_user redis)
  dir=$(service_dir redis "$user")
  if ! running redis; then
    install -m 600 -o "$user" /dev/null "$dir/redis.conf"
    redis_settings "$dir" >"$dir/redis.conf"
    spawn redis "$user" redis-server "$dir/redis.conf"
  fi
  wait_for_service redis 30 redis_ready
}
