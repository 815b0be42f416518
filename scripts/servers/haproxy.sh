# HAProxy with the configuration HOME/haproxy.cfg. Sourced by lib/servers.sh, which says what each part is.

haproxy_prepare() { need haproxy haproxy; }

haproxy_user() { id -un; }

haproxy_launch() { exec haproxy -db -f "$1/haproxy.cfg"; }

haproxy_version() { (exec 3<> "/dev/tcp/$HOST/$2") && haproxy -v | sed -n '1s/.*version \([^ ]*\).*/\1/p'; }

haproxy_url() { echo "http://$HOST:$1"; }
