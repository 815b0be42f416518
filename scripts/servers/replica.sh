# A replica of the service, from $replica_binary, with the settings in HOME/settings. Sourced by lib/servers.sh, which says
# what each part is.

replica_user() { id -un; }

replica_launch() {
  local settings
  mapfile -t settings < "$1/settings"
  exec env -i PATH="$PATH" "${settings[@]}" HOST="$HOST" PORT="$2" "$replica_binary"
}

# Ready is what /ready says it is.
replica_version() {
  local status
  exec 3<> "/dev/tcp/$HOST/$2" && printf 'GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && read -r status <&3
  exec 3>&-
  [[ $status != *" 200 "* ]] || "$replica_binary" --version
}

replica_url() { echo "http://$HOST:$1"; }
