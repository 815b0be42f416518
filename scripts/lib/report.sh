# What the scripts say, and how they end. Sourced, not run.

# note WORDS…: one line for the person who watches. On stderr, so that stdout stays for what a caller reads.
note() { echo "· $*" >&2; }

# die WORDS…: says why and ends the script.
die() {
  echo "error: $*" >&2
  exit 1
}

# timed NAME CMD…: runs CMD and says how many seconds it took. CMD's failure ends a script under `set -e`.
timed() {
  local name=$1 begun=$EPOCHREALTIME status=0
  shift
  "$@" || status=$?
  LC_ALL=C awk -v a="$begun" -v b="$EPOCHREALTIME" -v n="$name" 'BEGIN { printf "· %8.2f s  %s\n", b - a, n }' >&2
  return "$status"
}
