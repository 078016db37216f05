# Clusters that are not this test bed: one the user names by KUBECONFIG, or
# kind where Docker runs. The same verbs, as far as such a cluster can.

# mode: bed, given or kind.
cluster_mode() {
  local own=$CACHE/clusters/
  if [ -n "${CADENCE_CLUSTER:-}" ]; then
    case $CADENCE_CLUSTER in
      bed | kind) echo "$CADENCE_CLUSTER" ;;
      *) usage_error "CADENCE_CLUSTER is bed or kind" ;;
    esac
  elif [ -n "$NAME_GIVEN" ]; then echo bed
  # Our own file exported by the user does not make the bed a foreign cluster.
  elif [ -n "${KUBECONFIG:-}" ] && [[ $KUBECONFIG != "$own"* ]]; then echo given
  elif [ -f "$STATE/nodes/count" ]; then echo bed
  elif command -v kind >/dev/null && docker info >/dev/null 2>&1; then echo kind
  else echo bed; fi
}

NEEDS_REGISTRY="a cluster given by KUBECONFIG takes images from a registry: set CADENCE_REGISTRY to one that you may \
push to and it can reach, for example registry.example/team"

given_cluster() {
  local verb=$1; shift
  case $verb in
    up)
      say "KUBECONFIG is set: using that cluster ($KUBECONFIG), and building none"
      command -v kubectl >/dev/null || die "kubectl is missing: install the one that fits your cluster"
      command kubectl version >/dev/null
      ;;
    down) say "KUBECONFIG is set: that cluster is left as it is" ;;
    status) command kubectl get nodes -o wide ;;
    kubeconfig) echo "$KUBECONFIG" ;;
    kubectl) exec kubectl "$@" ;;
    load)
      local archive
      [ -n "${CADENCE_REGISTRY:-}" ] || die "$NEEDS_REGISTRY"
      for archive in "$@"; do push_image "$(basename "$archive" .tar)" "$CADENCE_REGISTRY"; done
      ;;
    *) die "'$verb' works on the test bed only, and KUBECONFIG names another cluster" ;;
  esac
}

kind_cluster() {
  local verb=$1 name=cadence-$NAME nodes; shift
  export KUBECONFIG=$KUBECONFIG_FILE
  case $verb in
    up)
      say "kind and Docker are here: using kind"
      mkdir -p "$STATE"
      kind get clusters 2>/dev/null | grep -qx "$name" && return 0
      nodes=$(for _ in $(seq 1 "$NODES"); do echo "- role: worker"; done)
      kind create cluster --name "$name" --kubeconfig "$KUBECONFIG_FILE" --wait 180s \
        --config <(
          printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n%s\n' "$nodes"
        )
      ;;
    down) kind delete cluster --name "$name"; rm -rf "$STATE" ;;
    status) command kubectl get nodes -o wide ;;
    kubeconfig) echo "$KUBECONFIG_FILE" ;;
    kubectl) exec kubectl "$@" ;;
    load) local archive; for archive in "$@"; do kind load image-archive --name "$name" "$archive"; done ;;
    node) kind_fault "$name" "$@" ;;
    *) die "'$verb' works on the test bed only" ;;
  esac
}

kind_fault() {
  local verb=$2 node=$1-worker
  [ "${3#node}" = 1 ] || node+=${3#node}
  case $verb in
    stop) docker kill "$node" ;;
    start) docker start "$node" ;;
    freeze) docker pause "$node" ;;
    thaw) docker unpause "$node" ;;
    cut) docker network disconnect kind "$node" ;;
    heal) docker network connect kind "$node" ;;
    *) usage_error "node can stop, start, freeze, thaw, cut and heal, not '$verb'" ;;
  esac
}
