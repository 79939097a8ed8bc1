# shellcheck shell=bash
# ClamAV's daemon with a database of its own: the real one has 300 MB and cannot be downloaded everywhere. It knows the test file
# that every scanner knows (EICAR), which is all that trials and tests have to find.

# What the daemon is told. It takes files as long as the longest that an organisation may allow. Pictures are not unpacked to be
# compared with pictures that are known to it: that takes 1.5 s for a photo, and its database here knows none.
clamav_configuration() {
  cat <<CONF
TCPSocket $PORT_CLAMAV
TCPAddr 127.0.0.1
DatabaseDirectory $1/database
TemporaryDirectory $1/temporary
Foreground yes
LogFile $1/clamd.log
LogFileMaxSize 0
MaxThreads 4
ReadTimeout 30
CommandReadTimeout 10
StreamMaxLength 110M
MaxFileSize 110M
MaxScanSize 400M
MaxRecursion 8
MaxFiles 5000
ConcurrentDatabaseReload no
ScanImageFuzzyHash no
CONF
}

# The EICAR test file, as a signature of its bytes at any place: written in two halves, so that no scanner takes this script for it.
clamav_signatures() {
  printf 'Eicar-Test-Signature:0:*:%s%s\n' \
    58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d \
    5354414e444152442d414e544956495255532d544553542d46494c452124482b482a
}

# Whether the daemon answers.
clamav_answers() (
  exec 4<>"/dev/tcp/127.0.0.1/$PORT_CLAMAV" || exit 1
  printf 'zPING\0' >&4
  IFS= read -r -d '' -t 5 answer <&4 || true
  [[ $answer == PONG ]]
)

# Starts the daemon unless it runs.
start_clamav() {
  local dir
  if ! running clamav; then
    dir=$(service_dir clamav "$(id -un)")
    mkdir -p "$dir/database" "$dir/temporary"
    clamav_signatures >"$dir/database/test.ndb"
    clamav_configuration "$dir" >"$dir/clamd.conf"
    spawn clamav "$(id -un)" /usr/sbin/clamd --config-file="$dir/clamd.conf"
  fi
  wait_for_service clamav 60 clamav_answers
}
