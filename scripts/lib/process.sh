# Processes that we start and end, always by the pid we were told when we started them. Sourced, not run.

HOST=127.0.0.1

# running PID: a zombie does not count (in a container, process 1 may reap late).
running() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }

# birth PID: when it started, in ticks since boot; with the pid this names a process for good, as pids come again.
birth() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 20; }

# become USER CMD…: replaces this shell by CMD, as USER if we are root (database servers refuse to run as root).
become() {
  local user=$1
  shift
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"; else exec "$@"; fi
}

# as_user USER CMD…: the same, and comes back.
as_user() { (become "$@"); }

# stop_process PID [SIGNAL]: asks, waits up to 30 s, then insists.
stop_process() {
  local pid=$1 tries
  running "$pid" || return 0
  kill "-${2:-TERM}" "$pid" 2> /dev/null || return 0
  for ((tries = 0; tries < 600; tries++)); do
    running "$pid" || return 0
    sleep 0.05
  done
  kill -KILL "$pid" 2> /dev/null || true
}

# is_free PORT: does nobody listen on it now? (0 is no port.)
is_free() { [ "$1" != 0 ] && ! (exec 3<> "/dev/tcp/$HOST/$1") 2> /dev/null; }

# free_port: a port nobody listens on now, below those the kernel hands out itself. Somebody may take it before we do:
# the caller tries another then.
free_port() {
  local port=0
  until is_free "$port"; do port=$((20000 + RANDOM % 12000)); done
  echo "$port"
}
