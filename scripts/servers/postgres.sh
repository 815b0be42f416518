# A private PostgreSQL: postgres without a password, on 127.0.0.1 only. Sourced by lib/servers.sh, which says what each
# part is.

postgres_signal=INT # its fast shutdown; TERM would wait for the clients to leave

# postgres_bin is where its programs are: Debian keeps them out of PATH, a directory for each version.
postgres_find() {
  local initdb
  initdb=$(printf '%s\n' "$postgres_homes"/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$initdb" ] || initdb=$(command -v initdb) || return 1
  postgres_bin=$(dirname "$(readlink -f "$initdb")")
  [ -x "$postgres_bin/postgres" ] && [ -x "$postgres_bin/psql" ]
}

postgres_prepare() {
  postgres_find && return 0
  missing="initdb not found (Debian: apt-get install postgresql)"
  can_install || return 1
  # The package would make a cluster for the system, on 5432, which starts at the next boot.
  local wish=/etc/postgresql-common/createcluster.d/usermgmt.conf
  mkdir -p "$(dirname "$wish")"
  echo 'create_main_cluster = false' > "$wish"
  install_packages postgresql || { rm -f "$wish"; return 1; }
  rm -f "$wish"
  postgres_find
}

postgres_user() { if id -u postgres > /dev/null 2>&1; then echo postgres; else echo nobody; fi; }

# postgres_primary: the home and the port of the server that this one shall follow, if it shall follow one.
postgres_init() {
  if [ -n "${postgres_primary:-}" ]; then
    "$postgres_bin/pg_basebackup" -D "$1/data" -h "${postgres_primary% *}" -p "${postgres_primary##* }" -U postgres -R -c fast --no-sync
    return
  fi
  "$postgres_bin/initdb" -D "$1/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
}

postgres_launch() {
  # Nothing here outlives the run, so nothing waits for the disk.
  exec "$postgres_bin/postgres" -D "$1/data" -c unix_socket_directories="$1" -c listen_addresses="$HOST" -c port="$2" \
    -c max_connections=500 -c timezone=UTC -c log_timezone=UTC \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off
}

# Over the socket, which is surely ours; the port might be another server's. (Without ~/.psqlrc and a password file.)
postgres_sql() { "$postgres_bin/psql" -Xqwh "$1" -p "$2" -U postgres -d postgres -Atc "$3"; }

postgres_version() { postgres_sql "$1" "$2" 'SHOW server_version'; }

postgres_database() {
  [ -n "$(postgres_sql "$1" "$2" "SELECT 1 FROM pg_database WHERE datname = '$3'")" ] \
    || postgres_sql "$1" "$2" "CREATE DATABASE $3"
}

postgres_url() { echo "postgres://postgres@$HOST:$1"; }
