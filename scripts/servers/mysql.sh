# A private MySQL (Oracle's): root without a password, on 127.0.0.1 only. Sourced by lib/servers.sh, which says what each
# part is.
#
# The programs are those in PATH, if they are MySQL's (MariaDB's have the same names); else those of Debian's unstable
# suite, the only one that has them, unpacked once and run with the loader and the libraries that they came with. They stay
# as they are until target/servers/cache is removed.

# mysql_tree is where they are unpacked, with a seed: the data that every new server begins with, as it takes MySQL seconds
# to make it. Empty: those in PATH.
mysql_prepare() {
  mysql_tree=""
  if mysql_is_in_path; then return 0; fi
  mysql_tree=$(cache_for "$(mysql_user)")/mysql
  whole "$mysql_tree" timed "mysql unpacked" mysql_unpack
}

mysql_is_in_path() {
  local program
  for program in mysqld mysql; do
    has "$program" && [[ $("$program" --no-defaults --version 2> /dev/null) != *MariaDB* ]] || return 1
  done
}

mysql_unpack() {
  local mysql_tree=$1 # not yet where it will be
  unpack_sid "mysql-server-core mysql-client-core" "$1" || return 1
  missing="MySQL was unpacked, but does not run here"
  mkdir "$1/seed"
  [ "$(id -u)" != 0 ] || chown "$(mysql_user)" "$1/seed"
  (export mysql_tree && export -f mysql_exec mysql_server mysql_make \
    && as_user "$(mysql_user)" bash -c 'mysql_make "$1"' bash "$1/seed/data") > "$1/seed.log" 2>&1 \
    || { tail -n 10 "$1/seed.log" >&2; return 1; }
  # Whoever runs the server may be another one next time.
  chmod -R a+rX "$1/seed"
}

mysql_user() { if id -u mysql > /dev/null 2>&1; then echo mysql; else echo nobody; fi; }

# mysql_exec PROGRAM [ARGUMENT…]: becomes sbin/mysqld or bin/mysql.
mysql_exec() {
  local program=$1 libraries
  shift
  [ -n "$mysql_tree" ] || exec "${program##*/}" "$@"
  libraries=$(echo "$mysql_tree"/usr/lib/*-linux-gnu*)
  exec "$libraries"/ld-linux*.so.* --library-path "$libraries:$mysql_tree/usr/lib/mysql/private" \
    "$mysql_tree/usr/$program" "$@"
}

mysql_server() {
  local share=$mysql_tree/usr/share/mysql paths=()
  [ -z "$mysql_tree" ] || paths=(--basedir="$mysql_tree/usr" --plugin-dir="$mysql_tree/usr/lib/mysql/plugin" \
    --lc-messages-dir="$share" --character-sets-dir="$share/charsets")
  # --no-defaults: the system's configuration names the system's folders. So does what is compiled in: without
  # --secure-file-priv it looks for a folder of the system's package, and ends.
  mysql_exec sbin/mysqld --no-defaults "${paths[@]}" --secure-file-priv=NULL "$@"
}

# mysql_make DATA: root may log in over the socket only, unless the first statements say more.
mysql_make() {
  printf '%s\n' "CREATE USER root@'127.0.0.1' IDENTIFIED BY '';" "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;" \
    > "$1.sql"
  mysql_server --datadir="$1" --initialize-insecure --init-file="$1.sql"
}

mysql_init() {
  mkdir "$1/tmp"
  if [ -z "$mysql_tree" ]; then mysql_make "$1/data"; return; fi
  cp -r --reflink=auto "$mysql_tree/seed/data" "$1/data"
  rm -f "$1/data/auto.cnf" # by which servers tell each other apart
  chmod -R u=rwX,go= "$1/data"
}

mysql_launch() {
  # Nothing here outlives the run, so nothing waits for the disk. The performance schema is half of the memory. Each server
  # takes 2300 of the 65536 native requests that the whole machine has, and does not start where they are used up.
  # It keeps its binary log, as it does unless it is told not to: with one only an administrator may make triggers.
  mysql_server --datadir="$1/data" --tmpdir="$1/tmp" --socket="$1/sock" --pid-file="$1/pid" \
    --bind-address="$HOST" --port="$2" --mysqlx=OFF --skip-name-resolve --max-connections=500 \
    --character-set-server=utf8mb4 --default-time-zone=+00:00 --innodb-buffer-pool-size=128M --performance-schema=OFF \
    --log-bin="$1/data/binlog" --sync-binlog=0 --innodb-use-native-aio=OFF --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=OFF
}

# Over the socket, which is surely ours; the port might be another server's.
mysql_sql() { (mysql_exec bin/mysql --no-defaults --socket="$1/sock" -uroot -Ne "$2"); }

mysql_version() { mysql_sql "$1" 'SELECT VERSION()'; }

mysql_database() { mysql_sql "$1" "CREATE DATABASE IF NOT EXISTS $3"; }

mysql_url() { echo "mysql://root@$HOST:$1"; }
