# A node: a network namespace and a mount namespace with containerd, kubelet
# and kube-proxy in them, and one control group over everything it runs.
# The paths inside are the usual ones; the node's own folder lies under them.

node_config() {
  local n=$1 dir; dir=$(node_dir "$n")
  mkdir -p "$dir"/{etc,kubelet,containerd,cni,pod-logs,container-logs,volumes,net.d,run-containerd,run-netns}
  cat >"$dir/etc/containerd.toml" <<TOML
version = 2
oom_score = 0
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/cadence-pause:dev"
  disable_hugetlb_controller = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
TOML
  cat >"$dir/net.d/10-bridge.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$POD_NET.$n.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  kubelet_config "$n" >"$dir/etc/kubelet.yaml"
}

kubelet_config() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $(node_address "$1")
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: "$PKI/ca.crt"}}
authorization: {mode: Webhook}
clusterDNS: [$DNS]
clusterDomain: cluster.local
resolvConf: /dev/null
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$(node_cgroup "$1")
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
localStorageCapacityIsolation: false
evictionHard: {memory.available: 50Mi}
imageGCHighThresholdPercent: 100
oomScoreAdj: 0
volumePluginDir: /var/lib/kubelet/volume-plugins
logging: {verbosity: 1}
YAML
}

# The process that holds the node's namespaces open. Its mounts are shared
# among the node's own processes only, and vanish with the last of them.
node_hold() {
  local dir; dir=$(node_dir "$1")
  # shellcheck disable=SC2016 # expanded by the inner shell
  (cgroup_join "$(node_cgroup "$1")"
    spawn "$dir/pid/holder" "$LOGS/$(node_name "$1")-holder.log" nsenter --net="/run/netns/$(node_netns "$1")" \
      unshare --mount --propagation private bash -euc '
        cd "$0"
        for pair in kubelet:/var/lib/kubelet containerd:/var/lib/containerd cni:/var/lib/cni \
          run-containerd:/run/containerd run-netns:/run/netns pod-logs:/var/log/pods \
          container-logs:/var/log/containers net.d:/etc/cni/net.d; do
          mount --bind "${pair%%:*}" "${pair#*:}"
        done
        mount --make-rshared /
        touch "$0/held"
        exec sleep infinity' "$dir")
  wait_for 10 "the namespaces of $(node_name "$1")" test -f "$dir/held" || die "see $LOGS/$(node_name "$1")-holder.log"
}

# in_node N COMMAND...: runs the command in the node's namespaces and groups, in place of this shell.
in_node() {
  local n=$1; shift
  nsenter -t "$(pid_of "$(node_dir "$n")/pid/holder")" -m -n "$@"
}

# node_spawn N PART COMMAND...
node_spawn() {
  local n=$1 part=$2 dir; shift 2
  dir=$(node_dir "$n")
  (cgroup_join "$(node_cgroup "$n")"
    spawn "$dir/pid/$part" "$LOGS/$(node_name "$n")-$part.log" nsenter -t "$(pid_of "$dir/pid/holder")" -m -n "$@")
}

node_start() {
  local n=$1 name dir; name=$(node_name "$n"); dir=$(node_dir "$n")
  running "$dir/pid/kubelet" && running "$dir/pid/containerd" && return 0
  cgroup_make "$(node_cgroup "$n")"
  node_network_up "$n"
  if ! running "$dir/pid/holder"; then
    # What a machine's /run loses with its power: a stale socket would mislead containerd.
    rm -rf "$dir/run-containerd" "$dir/run-netns" "$dir/held"
    node_config "$n"
    node_hold "$n"
  fi
  node_spawn "$n" containerd containerd --config "$dir/etc/containerd.toml"
  wait_for 30 "containerd of $name" node_containerd_answers "$n" || die "see $LOGS/$name-containerd.log"
  node_load_all "$n"
  node_spawn "$n" kubelet "$BIN/kubelet" --config "$dir/etc/kubelet.yaml" --kubeconfig "$PKI/$name.kubeconfig" \
    --hostname-override "$name" --node-ip "$(node_address "$n")" --node-labels "topology.kubernetes.io/zone=zone$n"
  # shellcheck disable=SC2046 # none of the arguments holds a blank
  node_spawn "$n" kube-proxy $(proxy_arguments "$name")
  [ ! -f "$STATE/policies" ] || node_policies "$n"
}

# Every packet of a connection that is not yet known goes to the program's queue; what root sends on the node itself,
# kubelet's probes, passes.
# The program would lay such rules with nftables, which not every kernel lets lead to a queue.
policy_rules() {
  cat <<RULES
*mangle
:BED-POLICIES - [0:0]
-F BED-POLICIES
-A BED-POLICIES -m owner --uid-owner 0 -j RETURN
-A BED-POLICIES -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
-A BED-POLICIES -j NFQUEUE --queue-num 100
COMMIT
RULES
}

node_policies() {
  policy_rules | in_node "$1" iptables-restore --noflush
  in_node "$1" iptables -t mangle -C POSTROUTING -j BED-POLICIES 2>/dev/null ||
    in_node "$1" iptables -t mangle -A POSTROUTING -j BED-POLICIES
  node_spawn "$1" network-policies "$BIN/network-policies" -kubeconfig "$PKI/admin.kubeconfig" -node "$(node_name "$1")"
}

# What a cluster's network plugin may do or leave: hold pods to their NetworkPolicies. Off unless asked for:
# root looks into every pod.
policies() {
  local n
  case ${1:-} in
    enforce)
      touch "$STATE/policies"
      for n in $(seq 1 "$(node_count)"); do ! running "$(node_dir "$n")/pid/holder" || node_policies "$n"; done
      ;;
    ignore)
      rm -f "$STATE/policies"
      for n in $(seq 1 "$(node_count)"); do
        # The rules first: a queue that nobody reads swallows what is put into it.
        ! running "$(node_dir "$n")/pid/holder" ||
          in_node "$n" iptables -t mangle -D POSTROUTING -j BED-POLICIES 2>/dev/null || true
        halt "$(node_dir "$n")/pid/network-policies"
      done
      ;;
    *) usage_error "policies knows enforce and ignore" ;;
  esac
}

node_containerd_answers() { in_node "$1" ctr version; }

# Power loss: nothing gets to say goodbye, only the folders remain.
node_stop() {
  local dir; dir=$(node_dir "$1")
  cgroup_kill "$(node_cgroup "$1")"
  # Groups of the dead would hold up the next kubelet by seconds each.
  cgroup_remove "$(node_cgroup "$1")"
  rm -rf "$dir/pid"
  node_network_down "$1"
}
