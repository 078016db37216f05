# Where one cluster lives: its files, addresses and names. Each cluster has a
# number of its own, and everything that must not meet is derived from it.
#
#   10.200.I.0/24  nodes; .1 is the root namespace, .2 the way to Services, .10+N node N
#   10.(210+I).N.0/24  pods of node N          10.(230+I).0.0/16  Services
#   127.0.10.(1+I)     etcd, controller manager and scheduler, which nobody else calls

MAX_CLUSTERS=16

take_number() {
  local number=0 taken
  if [ ! -f "$STATE/number" ]; then
    taken=" $(cat "$CACHE"/clusters/*/number 2>/dev/null | tr '\n' ' ' || true)"
    while [[ $taken == *" $number "* ]]; do number=$((number + 1)); done
    [ $number -lt $MAX_CLUSTERS ] || die "there are $MAX_CLUSTERS clusters already; take one down first"
    mkdir -p "$STATE"
    echo "$number" >"$STATE/number"
  fi
}

# layout NAME: sets the variables that the other files use.
layout() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$ ]] ||
    usage_error "a cluster's name is lower-case letters, digits and dashes, not '$1'"
  NAME=$1
  STATE=$CACHE/clusters/$NAME
  RUN=$STATE/run
  LOGS=$STATE/log
  PKI=$STATE/pki
  KUBECONFIG_FILE=$STATE/kubeconfig
  NUMBER=$(cat "$STATE/number" 2>/dev/null || echo 0)
  NODE_NET=10.200.$NUMBER
  POD_NET=10.$((210 + NUMBER))
  SERVICE_NET=10.$((230 + NUMBER))
  LOCAL=127.0.10.$((1 + NUMBER))
  API=$NODE_NET.1
  GATEWAY=$NODE_NET.2
  DNS=$SERVICE_NET.0.10
  BRIDGE=cha$NUMBER
}

exists() { [ -f "$STATE/number" ]; }
node_count() { cat "$STATE/nodes/count" 2>/dev/null || echo 0; }
node_name() { echo "node$1"; }
node_dir() { echo "$STATE/nodes/$(node_name "$1")"; }
node_address() { echo "$NODE_NET.$((10 + $1))"; }
node_netns() { echo "$BRIDGE-n$1"; }
node_link() { echo "${BRIDGE}n$1"; }
node_cgroup() { echo "$BRIDGE-n$1"; }
kubectl() { KUBECONFIG=$KUBECONFIG_FILE "$BIN/kubectl" "$@"; }
