# Private servers: each in a directory of its own, on a free port of 127.0.0.1, ended by its own pid. Sourced, not run.
#
# scripts/servers/NAME.sh describes one kind:
#   NAME_variable      the environment variable that carries its URL to the tests
#   NAME_packages      Debian packages that bring it; NAME_programs: the programs that must be there
#   NAME_user          prints the system user that runs it when we are root
#   NAME_init HOME     makes the data under HOME, once
#   NAME_launch HOME PORT   becomes the server (exec), in the foreground
#   NAME_ready HOME PORT    succeeds once *this* server answers
#   NAME_url PORT      prints its URL
#   NAME_signal        (optional) the signal that ends it, TERM by default
# A new kind is such a file, and its name in `servers`.

servers=(mariadb)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
nest=${CARGO_TARGET_DIR:-$root/target}/servers

. "$root/scripts/lib/report.sh"
. "$root/scripts/lib/packages.sh"
. "$root/scripts/lib/process.sh"
for name in "${servers[@]}"; do . "$root/scripts/servers/$name.sh"; done

# make_home DIR USER: makes DIR a home that USER can write, and prints where it is: elsewhere, with a link at DIR, if USER
# cannot pass a directory above it, or if it is too deep for the path of a Unix socket (107 bytes).
make_home() {
  local dir=$1 user=$2 home
  mkdir -p "$nest"
  chmod 755 "$nest" "$(dirname "$dir")"
  mkdir "$dir"
  [ "$(id -u)" != 0 ] || chown "$user" "$dir"
  chmod 750 "$dir"
  if [ ${#dir} -gt 90 ] || ! as_user "$user" sh -c 'cd "$1"' sh "$dir" 2> /dev/null; then
    home=$(mktemp -d /tmp/usermgmt-server.XXXXXX)
    [ "$(id -u)" != 0 ] || chown "$user" "$home"
    rmdir "$dir"
    ln -s "$home" "$dir"
  fi
  readlink -f "$dir"
}

# run_server NAME HOME PORT LEDGER: starts it and waits until it answers. Its pid is in LEDGER.pid before it does anything,
# so that it can be ended whenever we are. 1: it does not answer, and LEDGER.log says why.
run_server() {
  local name=$1 home=$2 port=$3 ledger=$4 user pid deadline=$((SECONDS + 60))
  user=$("${name}_user")
  # A session of its own, so that Ctrl-C reaches the tests first, and the server only through us.
  (
    pid=$BASHPID
    echo "$pid $(birth "$pid")" > "$ledger.pid"
    cd "$home" || exit 1
    export -f "${name}_launch"
    export HOST
    become "$user" setsid bash -c "${name}_launch \"\$@\"" bash "$home" "$port"
  ) > "$ledger.log" 2>&1 < /dev/null &
  pid=$!
  until "${name}_ready" "$home" "$port" > /dev/null 2>&1; do
    running "$pid" || return 1
    [ "$SECONDS" -lt "$deadline" ] || { stop_process "$pid" KILL; return 1; }
    sleep 0.05
  done
}

# start_server NAME LEDGER: makes data and server; LEDGER is the path that all of its files begin with (LEDGER is its home,
# LEDGER.pid, .port, .log). Prints its URL.
start_server() {
  local name=$1 ledger=$2 user home port attempt
  user=$("${name}_user")
  if [ ! -e "$ledger" ]; then
    home=$(make_home "$ledger" "$user") || return 1
    (cd "$home" && export -f "${name}_init" && as_user "$user" bash -c "${name}_init \"\$1\"" bash "$home") > "$ledger.log" 2>&1 < /dev/null \
      || { tail -n 10 "$ledger.log" >&2; rm -rf "$home" "$ledger"; return 1; }
  fi
  home=$(readlink -f "$ledger")
  for attempt in 1 2 3 4 5; do
    port=$(free_port)
    if run_server "$name" "$home" "$port" "$ledger"; then
      echo "$port" > "$ledger.port"
      "${name}_url" "$port"
      return 0
    fi
    # Somebody took the port between our look and the server's.
    grep -qi 'address already in use' "$ledger.log" || break
  done
  tail -n 10 "$ledger.log" >&2
  return 1
}

# server_pid LEDGER: prints the pid of its server, if that very process still runs.
server_pid() {
  local pid born
  read -r pid born 2> /dev/null < "$1.pid" || return 1
  running "$pid" && [ "$(birth "$pid")" = "$born" ] && echo "$pid"
}

# stop_server NAME LEDGER
stop_server() {
  local signal=$1_signal pid
  if pid=$(server_pid "$2"); then stop_process "$pid" "${!signal:-TERM}"; fi
  rm -f "$2.pid" "$2.port"
}

# remove_server LEDGER: its data too.
remove_server() { rm -rf "$(readlink -f "$1")" "$1" "$1.log" "$1.pid" "$1.port"; }

# --- one run of the tests --------------------------------------------------------------------------------------------

# The directory's name says whose it is.
run_dir=$nest/run.$$.$(birth $$)

# stop_run [DIR]: ends and removes every server of a run.
stop_run() {
  local dir=${1:-$run_dir} name
  [ -d "$dir" ] || return 0
  for name in "${servers[@]}"; do
    stop_server "$name" "$dir/$name"
    remove_server "$dir/$name"
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

left_out=()

# leave_out NAME WHY: says so, now and (through `left_out`) at the end, and fails if REQUIRE_ALL=1.
leave_out() {
  left_out+=("$1")
  note "LEFT OUT: $1: $2"
  [ "${REQUIRE_ALL:-0}" != 1 ] || die "REQUIRE_ALL=1, and the tests would run without $1"
}

# start_run: a server of every kind, its URL exported; CONTRACT_REQUIRED names what the storage suite must not skip.
start_run() {
  local name variable packages programs url missing
  sweep
  CONTRACT_REQUIRED=memory,sqlite
  mkdir -p "$run_dir"
  for name in "${servers[@]}"; do
    variable=${name}_variable packages=${name}_packages programs="${name}_programs[@]"
    variable=${!variable}
    if [ -n "${!variable:-}" ]; then
      note "$name: the server that $variable names (databases of their own are made on it)"
    elif ! need "${!packages}" "${!programs}"; then
      leave_out "$name" "$missing; or name a server in $variable"
      continue
    elif url=$(timed "$name started" start_server "$name" "$run_dir/$name"); then
      export "$variable=$url"
      note "$name: $url"
    else
      die "$name did not start"
    fi
    CONTRACT_REQUIRED+=,$name
  done
  export CONTRACT_REQUIRED
}
