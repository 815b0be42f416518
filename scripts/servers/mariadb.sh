# A private MariaDB: root without a password, on 127.0.0.1 only. Sourced by lib/servers.sh, which says what each part is.

mariadb_buffer_pool=${MARIADB_BUFFER_POOL:-128M} # a benchmark's database is larger than a test's

# The core packages hold the programs alone: no service, so nothing on this machine starts now or at the next boot.
mariadb_prepare() { need "mariadb-server-core mariadb-client-core" mariadbd mariadb-install-db mariadb; }

mariadb_user() { if id -u mysql > /dev/null 2>&1; then echo mysql; else echo nobody; fi; }

# --no-defaults everywhere: the system's configuration names the system's folders.
#
# --tmpdir of its own: a MariaDB that starts removes the temporary tables of all others from a shared one ("Could not remove
# temporary table … Unknown table 'mysql.tmp_user_sys'" in the other, when two start at once).
mariadb_init() {
  mkdir "$1/tmp"
  # --auth-…=normal: else root may only log in over the socket, as the system's root. --force: the machine's name need not
  # resolve.
  mariadb-install-db --no-defaults --force --datadir="$1/data" --tmpdir="$1/tmp" --auth-root-authentication-method=normal --skip-test-db
}

# mariadb_options: more of them, for a server that is part of something; without blanks in them.
mariadb_launch() {
  # Nothing here outlives the run, so nothing waits for the disk.
  exec mariadbd --no-defaults --datadir="$1/data" --tmpdir="$1/tmp" --socket="$1/sock" --pid-file="$1/pid" \
    --bind-address="$HOST" --port="$2" --skip-name-resolve --max-connections=500 \
    --character-set-server=utf8mb4 --default-time-zone=+00:00 --innodb-buffer-pool-size="$mariadb_buffer_pool" \
    --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=0 --sync-binlog=0 \
    ${mariadb_options:+$mariadb_options}
}

# Over the socket, which is surely ours; the port might be another server's.
mariadb_sql() { mariadb --no-defaults --socket="$1/sock" -uroot -Ne "$2"; }

mariadb_version() { mariadb_sql "$1" 'SELECT VERSION()'; }

mariadb_database() { mariadb_sql "$1" "CREATE DATABASE IF NOT EXISTS $3"; }

mariadb_url() { echo "mysql://root@$HOST:$1"; }
