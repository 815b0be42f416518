# Private servers: each in a directory of its own, on a free port of 127.0.0.1, ended by its own pid. Sourced, not run.
#
# scripts/servers/NAME.sh describes one kind:
#   NAME_prepare       makes sure that its programs are there, or fails with the reason in $missing
#   NAME_user          prints the system user that runs it when we are root
#   NAME_init HOME     makes the data under HOME, once
#   NAME_launch HOME PORT   becomes the server (exec), in the foreground
#   NAME_version HOME PORT  prints its version, once *this* server answers
#   NAME_database HOME PORT DATABASE   (of databases) makes that database on it, unless it is there
#   NAME_url PORT      prints its URL
#   NAME_signal        (optional) the signal that ends it, TERM by default
# NAME_init and NAME_launch run as that user, and see nothing of these scripts but what is called NAME_… (and no arrays).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
nest=${CARGO_TARGET_DIR:-$root/target}/servers
elsewhere=${SERVER_HOMES:-/var/tmp} # for homes that cannot be in the nest; unlike /tmp, it outlives a reboot

. "$root/scripts/lib/report.sh"
. "$root/scripts/lib/packages.sh"
. "$root/scripts/lib/process.sh"
. "$root/scripts/lib/unpacked.sh"
for file in "$root"/scripts/servers/*.sh; do . "$file"; done

# make_home DIR USER: makes DIR a home that USER can write, and prints where it is: elsewhere, with a link at DIR, if USER
# cannot pass a directory above it, or if it is too deep for the path of a Unix socket (107 bytes).
make_home() {
  local dir=$1 user=$2 home
  # (Whoever calls this looks at its status, so `set -e` is off in here.)
  mkdir -p "$nest" && chmod 755 "$nest" "$(dirname "$dir")" && mkdir "$dir" && give "$user" "$dir" && chmod 750 "$dir" \
    || return 1
  if [ ${#dir} -gt 90 ] || ! as_user "$user" sh -c 'cd "$1"' sh "$dir" 2> /dev/null; then
    home=$(mktemp -d "$elsewhere/usermgmt-server.XXXXXX") && rmdir "$dir" && ln -s "$home" "$dir" && give "$user" "$home" \
      || return 1
  fi
  readlink -f "$dir"
}

# give USER DIR: if we are root; else what we make is the user's already.
give() { [ "$(id -u)" != 0 ] || chown "$1" "$2"; }

# cache_for USER: prints the directory of what is unpacked once for all runs, elsewhere if USER could not read it there.
cache_for() {
  mkdir -p "$nest/cache"
  chmod 755 "$nest" "$nest/cache"
  if as_user "$1" sh -c 'cd "$1"' sh "$nest/cache" 2> /dev/null; then echo "$nest/cache"; else echo /var/cache/usermgmt-tests; fi
}

# in_background NAME HOME LEDGER FUNCTION [ARGUMENT…]: begins that function of the kind NAME, in HOME, as the kind's user.
# Its pid is in $! and, before it does anything, in LEDGER.pid, so that it can be ended whenever we are.
in_background() {
  local name=$1 home=$2 ledger=$3 user pid
  shift 3
  user=$("${name}_user")
  # A session of its own, so that Ctrl-C reaches the tests first, and this only through us.
  (
    pid=$BASHPID # here, not below: a command substitution has one of its own
    echo "$pid $(birth "$pid")" > "$ledger.pid"
    cd "$home" || exit 1
    # shellcheck disable=SC2046 # lists of names
    export -f $(compgen -A function "${name}_") && export HOST $(compgen -v "${name}_")
    become "$user" setsid bash -c '"$@"' bash "$@"
  ) > "$ledger.log" 2>&1 < /dev/null &
}

patience=240 # seconds. Who ends is noticed at once, so this is only for a server that hangs, not for a busy machine.

# run_server NAME HOME PORT LEDGER: starts it and waits until it answers; its version is in LEDGER.version then.
# 1: it does not answer, and LEDGER.log says why.
run_server() {
  local name=$1 home=$2 port=$3 ledger=$4 pid version deadline=$((SECONDS + patience))
  in_background "$name" "$home" "$ledger" "${name}_launch" "$home" "$port"
  pid=$!
  until version=$("${name}_version" "$home" "$port" 2> /dev/null) && [ -n "$version" ]; do
    running "$pid" || return 1
    if [ "$SECONDS" -ge "$deadline" ]; then
      stop_process "$pid" KILL
      echo "$name does not answer after $patience s" >> "$ledger.log"
      return 1
    fi
    sleep 0.05
  done
  echo "$version" > "$ledger.version"
}

# why LEDGER: the end of its log, unless a later run has tidied it away.
why() { [ ! -e "$1.log" ] || tail -n 10 "$1.log" >&2; }

# start_server NAME LEDGER: makes data and server; LEDGER is the path that all of its files begin with (LEDGER is its home,
# LEDGER.pid, .port, .version, .log). On the port it had before, if that is free. Prints its URL.
start_server() {
  local name=$1 ledger=$2 home port="" attempt
  if [ -L "$ledger" ] && [ ! -e "$ledger" ]; then
    note "the data of $name is gone from $(readlink "$ledger"): making it anew"
    rm -f "$ledger"
  fi
  if [ ! -e "$ledger" ]; then
    home=$(make_home "$ledger" "$("${name}_user")") || { rm -rf "$ledger"; return 1; }
    in_background "$name" "$home" "$ledger" "${name}_init" "$home"
    wait $! || { why "$ledger"; rm -rf "$home" "$ledger"; return 1; }
  fi
  home=$(readlink -f "$ledger")
  read -r port 2> /dev/null < "$ledger.port" || true
  for attempt in 1 2 3 4 5; do
    if [ "$attempt" -gt 1 ] || ! is_free "${port:-0}"; then port=$(free_port); fi
    if run_server "$name" "$home" "$port" "$ledger"; then
      echo "$port" > "$ledger.port"
      "${name}_url" "$port"
      return 0
    fi
    # Somebody took the port between our look and the server's.
    grep -qsi 'address already in use' "$ledger.log" || break
  done
  why "$ledger"
  return 1
}

# server_pid LEDGER: prints the pid of its server, if that very process still runs.
server_pid() {
  local pid born
  read -r pid born 2> /dev/null < "$1.pid" || return 1
  running "$pid" && [ "$(birth "$pid")" = "$born" ] && echo "$pid"
}

# stop_server NAME LEDGER: and whatever the server began itself.
stop_server() {
  local signal=$1_signal pid
  if pid=$(server_pid "$2"); then
    stop_process "$pid" "${!signal:-TERM}"
    kill -KILL -- "-$pid" 2> /dev/null || true
  fi
  rm -f "$2.pid"
}

# remove_server LEDGER: its data too.
remove_server() { rm -rf "$(readlink -f "$1")" "$1" "$1".*; }
