# shellcheck shell=bash
# Steps: what the reader of the terminal sees. One line per step with its time; on failure the step, its log and what to do.

STEP_HINT=""

# Seconds since a moment of EPOCHREALTIME, with one decimal.
elapsed() {
  local now=$EPOCHREALTIME
  local tenths=$(((${now/[.,]/} - ${1/[.,]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# Prints one finished step.
step_line() { printf '  %s %-44s %7s s\n' "$1" "$2" "$3"; }

# Ends a subshell at the first failed command and names it: many commands fail without a word.
show_failures() {
  set -eE
  trap 'echo "failed: $BASH_COMMAND (${BASH_SOURCE[0]##*/}, line $LINENO)"' ERR
}

# step TITLE LOG COMMAND…: runs a command with its output in LOG_DIR/LOG.log and reports it as one line.
# The command runs in a background subshell, because bash ignores `set -e` inside a tested command and a half-failed
# step must not pass for a good one.
step() {
  local title=$1 log=$LOG_DIR/$2.log since=$EPOCHREALTIME code=0
  shift 2
  [[ -t 1 ]] && printf '  … %s\r' "$title"
  (show_failures; "$@") >>"$log" 2>&1 </dev/null &
  wait $! || code=$?
  [[ $code -eq 0 ]] || step_failed "$title" "$log" "$since" "$code"
  step_line "✓" "$title" "$(elapsed "$since")"
}

# steps_together TITLE:LOG:COMMAND…: the same for several steps that do not need each other. Reports each when its turn
# comes; stops at the first that failed, after all have ended (a half-started service would otherwise run on unseen).
steps_together() {
  local since=$EPOCHREALTIME item pids=() codes=() index
  for item in "$@"; do
    local log=${item#*:} command=${item##*:}
    log=${log%%:*}
    (show_failures; "$command"; elapsed "$since" >"$RUN_DIR/$log.took") >>"$LOG_DIR/$log.log" 2>&1 </dev/null &
    pids+=($!)
  done
  for index in "${!pids[@]}"; do
    codes[index]=0
    wait "${pids[$index]}" || codes[index]=$?
  done
  index=0
  for item in "$@"; do
    local log=${item#*:}
    log=${log%%:*}
    [[ ${codes[$index]} -eq 0 ]] || step_failed "${item%%:*}" "$LOG_DIR/$log.log" "$since" "${codes[$index]}"
    step_line "✓" "${item%%:*}" "$(cat "$RUN_DIR/$log.took")"
    index=$((index + 1))
  done
}

# Ends the script with everything a stranger needs: which step, the end of its log, what to do.
step_failed() {
  local title=$1 log=$2 since=$3 code=$4
  step_line "✗" "$title" "$(elapsed "$since")"
  {
    printf '\nThe step "%s" failed (exit code %s). The last lines of %s:\n\n' "$title" "$code" "$log"
    tail -n "${STEP_TAIL:-20}" -- "$log" | sed 's/^/    /'
    printf '\n%s\n' "${STEP_HINT:-Put right what the lines above complain about and run the same command again: finished steps are kept.}"
  } >&2
  exit 1
}

# Ends the script because the machine lacks something; no log to show.
refuse() {
  printf '%s\n' "$*" >&2
  exit 1
}
