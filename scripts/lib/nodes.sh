# The nodes of one run's Galera cluster, made and joined. Sourced after lib/run.sh, not run.

missing=""
home=""

# make_cluster: the ports and, from them, the data.
make_cluster() {
  local node
  home=$(make_home "$run_dir/galera" "$(galera_user)") || return 1
  install -m 755 "$root/scripts/servers/wsrep_sst_gap" "$home/"
  for node in $galera_nodes; do echo "$(free_port) $(free_port) $(free_port)"; done > "$home/ports"
  in_background galera "$home" "$run_dir/galera" galera_init "$home"
  wait $! || { why "$run_dir/galera"; return 1; }
}

# start_node N: waits until it has joined, and is where the others are.
start_node() { run_server galera "$home/$1" "$(node_port "$1")" "$run_dir/galera-$1"; }

# join_nodes: the first is the cluster; the others join at the same time.
join_nodes() {
  local node
  start_node 1 || return 1
  starting=()
  for node in ${galera_nodes#1}; do
    start_node "$node" &
    starting+=($!)
  done
  for node in ${galera_nodes#1}; do
    wait "${starting[0]}" || return 1
    starting=("${starting[@]:1}")
  done
}

# begin_cluster: with other ports where somebody takes one between our look and the server's.
begin_cluster() {
  local node attempt
  for attempt in 1 2 3; do
    if timed "galera: data made" make_cluster && timed "galera: nodes joined" join_nodes; then return 0; fi
    for node in $galera_nodes; do why "$run_dir/galera-$node"; done
    [ "$attempt" -lt 3 ] && grep -qsi 'address already in use' "$run_dir"/galera*.log || die "the cluster did not start"
    wait
    starting=()
    stop_run
    mkdir -p "$run_dir"
  done
}

# node_port N: where the node takes SQL.
node_port() { (cd "$home" && galera_port "$1" 1); }

# rejoin_node N: a node that ended starts again, from where it was.
rejoin_node() {
  local galera_rejoins=1
  start_node "$1"
}
