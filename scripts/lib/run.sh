# One run of a command beside private servers, which end with it whatever happens. Sourced, not run.

. "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

# The directory's name says whose it is. Each server's ledger in it is called as its kind is, or KIND-NUMBER.
run_dir=$nest/run.$$.$(birth $$)
starting=() # the pids of what starts servers, side by side
left_out=()
job=""
watcher="" # the pid of what starts again whatever ended

# stop_run [DIR]: ends and removes every server of a run.
stop_run() {
  local dir=${1:-$run_dir} ledger name tries
  [ -d "$dir" ] || return 0
  for ledger in "$dir"/*.pid; do
    [ -e "$ledger" ] || continue
    ledger=${ledger%.pid} name=${ledger##*/}
    stop_server "${name%-[0-9]}" "$ledger"
  done
  # What was killed a moment ago may still write its last file.
  for tries in 1 2 3 4 5 6 7 8 9 10; do
    for ledger in "$dir"/*; do [ ! -L "$ledger" ] || remove_server "$ledger"; done
    rm -rf "$dir" 2> /dev/null && return 0
    sleep 0.3
  done
  rm -rf "$dir"
}

# sweep: what a run left that was killed before it could tidy up.
sweep() {
  local dir pid born
  for dir in "$nest"/run.*; do
    [ -d "$dir" ] || continue
    IFS=. read -r _ pid born <<< "${dir##*/}"
    if ! running "$pid" || [ "$(birth "$pid")" != "$born" ]; then
      note "tidying up after a run that was killed (${dir##*/})"
      stop_run "$dir"
    fi
  done
}

# leave_out NAME WHY: says so, now and (through `left_out`) at the end, and fails if REQUIRE_ALL=1.
leave_out() {
  left_out+=("$1")
  note "LEFT OUT: $1: $2"
  [ "${REQUIRE_ALL:-0}" != 1 ] || die "REQUIRE_ALL=1, and the tests would run without $1"
}

# finish: the end of this script, however it comes.
finish() {
  local status=$?
  trap '' INT TERM HUP
  # The command's whole process group: tests that run on would find their server gone.
  if [ -n "$job" ] && running "$job"; then
    kill -INT -- "-$job" 2> /dev/null || true
    stop_process "$job"
  fi
  if [ -n "$watcher" ]; then
    kill "$watcher" 2> /dev/null || true
    wait "$watcher" || true
  fi
  # What starts one would start another after we have looked.
  [ ${#starting[@]} = 0 ] || wait "${starting[@]}" || true
  stop_run
  [ ${#left_out[@]} = 0 ] || note "LEFT OUT: ${left_out[*]} (why: see the beginning)"
  exit "$status"
}

# run_beside START COMMAND [ARGUMENT…]: calls START, which starts servers under run_dir, then runs COMMAND; exits as it does.
run_beside() {
  local start=$1 status=0
  shift
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  sweep
  mkdir -p "$run_dir"
  "$start"
  set -m # a process group of its own, which `finish` can end as one
  "$@" < /dev/null &
  job=$!
  set +m
  wait "$job" || status=$?
  job=""
  exit "$status"
}
