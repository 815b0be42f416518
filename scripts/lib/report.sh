# What the scripts say, how they end, and where they run at all. Sourced first, and not run. Up to the end of this file, all
# must be understood by bash 3, which macOS has.

# note WORDS…: one line for the person who watches. On stderr, so that stdout stays for what a caller reads.
note() { echo "· $*" >&2; }

# die WORDS…: says why and ends the script.
die() {
  echo "error: $*" >&2
  exit 1
}

# timed NAME CMD…: runs CMD and says how many seconds it took, and whether it failed. CMD's failure ends a script under
# `set -e`; CMD itself, where it is a function, runs without.
timed() {
  local name=$1 begun=$EPOCHREALTIME status=0
  shift
  "$@" || status=$?
  [ "$status" = 0 ] || name="FAILED: $name"
  LC_ALL=C awk -v a="$begun" -v b="$EPOCHREALTIME" -v n="$name" 'BEGIN { printf "· %8.2f s  %s\n", b - a, n }' >&2
  return "$status"
}

# What they need and not every system has: processes in /proc, a clock in $EPOCHREALTIME, sessions, locks.
unfit=""
if [ "$(uname -s 2> /dev/null)" != Linux ] || [ "${BASH_VERSINFO[0]}" -lt 5 ] \
  || ! type setsid setpriv flock > /dev/null 2>&1; then
  unfit="these scripts need Linux, bash 5 or newer, and setsid, setpriv and flock (of util-linux); this is \
$(uname -s 2> /dev/null || echo an unknown system) with bash $BASH_VERSION"
fi
# A script that can do its work elsewhere too says so in $anywhere.
[ -z "$unfit" ] || [ -n "${anywhere:-}" ] || die "$unfit"
