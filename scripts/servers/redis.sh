# A private Redis: no password, nothing on the disk, on 127.0.0.1 only. Sourced by lib/servers.sh, which says what each
# part is.

# Debian's redis-server holds little but a service, which would start at the next boot. The program is in redis-tools: it
# acts by the name under which it is called.
redis_prepare() { has redis-server redis-cli || need redis-tools redis-check-rdb redis-cli; }

redis_user() { if id -u redis > /dev/null 2>&1; then echo redis; else echo nobody; fi; }

redis_init() { :; }

redis_launch() {
  local program=redis-check-rdb
  ! command -v redis-server > /dev/null || program=redis-server
  exec -a redis-server "$program" --dir "$1" --unixsocket "$1/sock" --bind "$HOST" --port "$2" --save '' --appendonly no
}

# Over the socket, which is surely ours; the port might be another server's.
redis_version() { redis-cli -s "$1/sock" INFO server | sed -n 's/^redis_version:\([^[:space:]]*\).*/\1/p'; }

redis_url() { echo "redis://$HOST:$1"; }
