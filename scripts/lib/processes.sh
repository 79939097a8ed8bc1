# shellcheck shell=bash
# Processes of the stack: started detached, remembered by pid and start time, ended only when still the same process.

# The user that a service runs as: its own system user when we are root, ourselves otherwise (PostgreSQL and RabbitMQ
# refuse or should not run as root).
service_user() {
  if [[ $EUID -ne 0 ]]; then id -un
  elif id -u "$1" >/dev/null 2>&1; then echo "$1"
  else echo nobody; fi
}

# as_user USER COMMAND…: becomes that user without a login, so that no profile or PAM session gets in between.
as_user() {
  local user=$1
  shift
  if [[ $user == "$(id -un)" ]]; then "$@"
  else setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"; fi
}

# When a process started, in clock ticks since boot. With the pid this names a process for good: pids are reused.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -r -a stat <<<"${stat##*) }"
  [[ ${stat[0]} != Z ]] || return 1
  echo "${stat[19]}"
}

# spawn NAME USER COMMAND…: starts a service in its own session with its log in LOG_DIR and remembers it.
# The lock of the start script (descriptor 9) is closed, or the service would hold it for ever.
spawn() {
  local name=$1 user=$2
  shift 2
  if [[ $user == "$(id -un)" ]]; then
    setsid "$@" </dev/null >>"$LOG_DIR/$name.log" 2>&1 9>&- &
  else
    setsid setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@" </dev/null >>"$LOG_DIR/$name.log" 2>&1 9>&- &
  fi
  local pid=$!
  started_at "$pid" >"$RUN_DIR/$name.since" || true
  echo "$pid" >"$RUN_DIR/$name.pid"
}

# Whether the service NAME that we started is still running.
running() {
  local pid
  pid=$(cat "$RUN_DIR/$1.pid" 2>/dev/null) || return 1
  [[ "$(started_at "$pid")" == "$(cat "$RUN_DIR/$1.since")" ]]
}

# The pids of a process's children, on one line.
children_of() { cat "/proc/$1/task/$1/children" 2>/dev/null || true; }

# end_orphans NAME: ends the processes of that name which work in the service's folder although their parent, that we
# knew, was killed. nginx's workers go on serving then, and hold the port.
end_orphans() {
  local dir orphans
  dir=$(realpath -m -- "$DATA_DIR")/$1
  for _ in {1..50}; do
    # find complains of processes that end while it looks.
    orphans=$({ find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$dir" 2>/dev/null || true; } | cut -d / -f 3 |
      while IFS= read -r pid; do if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$1" ]]; then echo "$pid"; fi; done)
    if [[ -z $orphans ]]; then return 0; fi
    # shellcheck disable=SC2086 # a list of pids
    kill $orphans 2>/dev/null || true
    sleep 0.1
  done
  echo "these processes of $1 do not end: $orphans"
  return 1
}

# halt NAME SIGNAL SECONDS: asks a service to end and waits; after SECONDS it is killed, since a restart beside a dying
# process half-fails (SeaweedFS needs up to 10 s). A frozen process (kill -STOP) is woken, with its
# children, to hear the signal.
halt() {
  local name=$1 signal=$2 deadline=$((SECONDS + $3)) pid
  if running "$name"; then
    pid=$(cat "$RUN_DIR/$name.pid")
    kill -s "$signal" "$pid"
    # shellcheck disable=SC2046 # a list of pids
    kill -s CONT "$pid" $(children_of "$pid") 2>/dev/null || true
    while running "$name" && ((SECONDS < deadline)); do sleep 0.1; done
    if running "$name"; then kill -s KILL "$pid"; fi
    while running "$name"; do sleep 0.1; done
  fi
  rm -f "$RUN_DIR/$name.pid" "$RUN_DIR/$name.since"
}

# Whether a command fails; for checks that wait for the end of something.
not() { ! "$@"; }

# wait_until SECONDS WHAT COMMAND…: repeats a check until it succeeds.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      echo "gave up waiting for $what: the last answer follows"
      "$@" || true
      return 1
    fi
    sleep 0.1
  done
}

# wait_for_service NAME SECONDS COMMAND…: as wait_until, but gives up at once when the process has died.
wait_for_service() {
  local name=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    running "$name" || { echo "$name ended while starting"; tail -n 15 "$LOG_DIR/$name.log"; return 1; }
    ((SECONDS < deadline)) || { echo "$name does not answer"; return 1; }
    sleep 0.1
  done
}
