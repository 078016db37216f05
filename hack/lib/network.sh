# One bridge per cluster in the root namespace; every node, and the gateway
# that makes Services reachable from here, hangs on it by a pair of links.
# Root routes pods to their node, so tests and people reach every pod.

network_up() {
  ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
  ip addr replace "$API/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  machine_prepare
  firewall_open
  namespace_up "$BRIDGE-gw" "${BRIDGE}gw" "$GATEWAY"
  ip route replace "$SERVICE_NET.0.0/16" via "$GATEWAY"
}

# What the clusters need of the machine. What stood there before the first of them is kept for the end of the last one.
# Kubelets and containerds watch many files; the default of 128 is used up by three nodes.
MACHINE_SETTINGS="net/ipv4/ip_forward:1 fs/inotify/max_user_instances:8192"
MACHINE_FOLDERS="/var/lib/kubelet /var/lib/containerd /var/lib/cni /run/containerd /var/log/pods /var/log/containers
  /etc/cni/net.d"
MACHINE_FOUND=$CACHE/clusters/.found

machine_prepare() {
  local pair folder
  if [ ! -f "$MACHINE_FOUND" ]; then
    for pair in $MACHINE_SETTINGS; do echo "${pair%:*} $(cat "/proc/sys/${pair%:*}")"; done >"$MACHINE_FOUND.new"
    for folder in $MACHINE_FOLDERS; do [ -d "$folder" ] || echo "made $folder"; done >>"$MACHINE_FOUND.new"
    mv "$MACHINE_FOUND.new" "$MACHINE_FOUND"
  fi
  for pair in $MACHINE_SETTINGS; do
    [ "$(cat "/proc/sys/${pair%:*}")" -ge "${pair#*:}" ] || echo "${pair#*:}" >"/proc/sys/${pair%:*}"
  done
  # shellcheck disable=SC2086 # one argument per folder
  mkdir -p $MACHINE_FOLDERS /run/netns
}

# With the last cluster the machine is as it was found. A folder that others have put something into since stays.
machine_restore() {
  local name value
  if [ ! -f "$MACHINE_FOUND" ] || compgen -G "$CACHE/clusters/*/number" >/dev/null; then return; fi
  while read -r name value; do
    if [ "$name" != made ]; then echo "$value" >"/proc/sys/$name"
    else rmdir --ignore-fail-on-non-empty "$value" 2>/dev/null || true; fi
  done <"$MACHINE_FOUND"
  rm -f "$MACHINE_FOUND"
}

# Some machines (Docker's, for one) drop what they forward unless told otherwise.
firewall_open() {
  local direction
  for direction in -i -o; do
    iptables -C FORWARD $direction "$BRIDGE" -j ACCEPT 2>/dev/null || iptables -I FORWARD $direction "$BRIDGE" -j ACCEPT
  done
}

# namespace_up NAMESPACE LINK ADDRESS
namespace_up() {
  [ -e "/run/netns/$1" ] || ip netns add "$1"
  if ! ip link show "$2" >/dev/null 2>&1; then
    ip link add "$2" type veth peer name eth0 netns "$1"
    ip link set "$2" master "$BRIDGE"
  fi
  ip link set "$2" up
  ip -n "$1" link set lo up
  ip -n "$1" addr replace "$3/24" dev eth0
  ip -n "$1" link set eth0 up
  ip -n "$1" route replace default via "$API"
  nsenter --net="/run/netns/$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

namespace_down() {
  ip link del "$2" 2>/dev/null || true
  [ ! -e "/run/netns/$1" ] || ip netns del "$1"
}

# One node at a time: routes are set in the others' namespaces as well,
# and one that is half made has no address to route over.
node_network_up() {
  (
    flock 7
    namespace_up "$(node_netns "$1")" "$(node_link "$1")" "$(node_address "$1")"
    ip route replace "$POD_NET.$1.0/24" via "$(node_address "$1")"
    node_routes
  ) 7>"$STATE/.network-lock"
}

# Nodes reach each other's pods directly. Nothing is translated on the way:
# Redis and PostgreSQL must see the true address of their peer.
node_routes() {
  local from to
  for from in $(seq 1 "$(node_count)"); do
    [ -e "/run/netns/$(node_netns "$from")" ] || continue
    for to in $(seq 1 "$(node_count)"); do
      [ "$from" = "$to" ] || ip -n "$(node_netns "$from")" route replace "$POD_NET.$to.0/24" via "$(node_address "$to")"
    done
  done
  for to in $(seq 1 "$(node_count)"); do
    ip -n "$BRIDGE-gw" route replace "$POD_NET.$to.0/24" via "$(node_address "$to")"
  done
}

node_network_down() { namespace_down "$(node_netns "$1")" "$(node_link "$1")"; }

network_down() {
  local direction
  namespace_down "$BRIDGE-gw" "${BRIDGE}gw"
  ip link del "$BRIDGE" 2>/dev/null || true
  for direction in -i -o; do iptables -D FORWARD $direction "$BRIDGE" -j ACCEPT 2>/dev/null || true; done
}
