# A private Galera cluster of MariaDB nodes: root without a password, on 127.0.0.1 only. Sourced by lib/servers.sh, which
# says what each part is; unlike the other kinds it has a home with a directory for each node, NODE (HOME/1, HOME/2, …),
# and HOME/ports, a line for each: for SQL, for the group, for changes that were missed.

galera_nodes="1 2 3"

# No service (see mariadb.sh): galera-4 is a library.
galera_prepare() {
  mariadb_prepare || return 1
  galera_library && return 0
  missing="Galera's library not found (Debian: apt-get install galera-4)"
  can_install && install_packages galera-4 && galera_library
}

# galera_provider is where the library is.
galera_library() {
  for galera_provider in /usr/lib/galera/libgalera_smm.so /usr/lib64/galera-4/libgalera_smm.so; do
    [ ! -e "$galera_provider" ] || return 0
  done
  return 1
}

galera_user() { mariadb_user; }

# galera_server NODE ADDRESS [ARGUMENT…]: becomes a node, of a new cluster if ADDRESS is gcomm://
galera_server() {
  local node=$1 address=$2
  shift 2
  # A silent node is suspected after 4 s and dropped after 6 s, not 5 s and 15 s: sooner, and a busy machine makes nodes
  # look silent that are not.
  PATH=${node%/*}:$PATH exec mariadbd --no-defaults --datadir="$node/data" --tmpdir="$node/tmp" --socket="$node/sock" \
    --pid-file="$node/pid" --bind-address="$HOST" --skip-name-resolve --max-connections=500 \
    --character-set-server=utf8mb4 --default-time-zone=+00:00 --innodb-buffer-pool-size=64M \
    --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=0 --sync-binlog=0 \
    --binlog-format=ROW --innodb-autoinc-lock-mode=2 --default-storage-engine=InnoDB \
    --wsrep-on=ON --wsrep-provider="$galera_provider" --wsrep-cluster-address="$address" --wsrep-sst-method=gap \
    --wsrep-node-name="node${node##*/}" --wsrep-node-address="$HOST" "$@"
}

galera_group="gcache.size=64M;pc.recovery=no;evs.keepalive_period=PT0.2S;evs.inactive_check_period=PT0.2S"
galera_group+=";evs.suspect_timeout=PT4S;evs.inactive_timeout=PT6S;evs.install_timeout=PT6S"

# The data is made once and copied, after it has been a cluster's: from then on it knows its position, and to join is to
# catch up.
galera_init() {
  local first=$1/1 node pid deadline=$((SECONDS + 240))
  mkdir "$first" "$first/tmp"
  mariadb-install-db --no-defaults --force --datadir="$first/data" --tmpdir="$first/tmp" \
    --auth-root-authentication-method=normal --skip-test-db
  (galera_server "$first" gcomm:// --skip-networking --wsrep-provider-options="gmcast.listen_addr=tcp://$HOST:$(galera_port 1 2)") &
  pid=$!
  until [ -n "$(galera_version "$first" 2> /dev/null)" ]; do
    kill -0 "$pid" && [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
  kill "$pid"
  wait "$pid"
  sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$first/data/grastate.dat"
  rm -f "$first/data/galera.cache"
  for node in $galera_nodes; do
    [ "$node" = 1 ] || cp -a --reflink=auto "$first" "$1/$node"
  done
}

# galera_port NODE COLUMN: one of the ports in HOME/ports; in HOME.
galera_port() { sed -n "$1p" ports | cut -d ' ' -f "$2"; }

# With galera_rejoins the cluster is there already, for the first node too; where this one was when it ended is what its
# own log says.
galera_launch() {
  local node=${1##*/} group transfer peers="" other position=()
  cd .. # into the cluster's home
  group=$(galera_port "$node" 2) transfer=$HOST:$(galera_port "$node" 3)
  for other in $galera_nodes; do
    [ "$node" = 1 ] && [ -z "${galera_rejoins:-}" ] || peers+=,$HOST:$(galera_port "$other" 2)
  done
  if [ -n "${galera_rejoins:-}" ]; then
    position=(--wsrep-start-position="$(galera_position "$1")")
  fi
  galera_server "$1" "gcomm://${peers#,}" "${position[@]}" --port="$2" --wsrep-cluster-name="usermgmt-$(galera_port 1 2)" \
    --wsrep-node-incoming-address="$HOST:$2" --wsrep-provider-options="base_host=$HOST;base_port=$group;\
gmcast.listen_addr=tcp://$HOST:$group;ist.recv_addr=$transfer;ist.recv_bind=$transfer;$galera_group"
}

# galera_position NODE: CLUSTER:NUMBER of the last change that a node has which was killed.
galera_position() {
  (galera_server "$1" gcomm:// --skip-networking --wsrep-recover) 2>&1 | sed -n 's/.*Recovered position: *//p' | tail -n 1
}

galera_version() {
  mariadb --no-defaults --socket="$1/sock" -uroot -Ne "SELECT VERSION() FROM information_schema.global_status
    WHERE variable_name = 'wsrep_local_state_comment' AND variable_value = 'Synced'"
}

galera_url() { mariadb_url "$1"; }
