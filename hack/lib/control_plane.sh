# etcd, API server, controller manager, scheduler, the volume provisioner and
# the gateway's kube-proxy: all in the root mount namespace, on addresses of
# this cluster alone.

etcd_start() {
  install -d -m 700 "$STATE/etcd"
  # Without fsync: a test bed may lose its state with the machine's power. With certificates:
  # whoever may write here is root on every node.
  spawn "$RUN/etcd" "$LOGS/etcd.log" "$BIN/etcd" --name bed --data-dir "$STATE/etcd" --unsafe-no-fsync \
    --listen-client-urls "https://$LOCAL:2379" --advertise-client-urls "https://$LOCAL:2379" \
    --listen-peer-urls "https://$LOCAL:2380" --initial-advertise-peer-urls "https://$LOCAL:2380" \
    --cert-file "$PKI/etcd.crt" --key-file "$PKI/etcd.key" --client-cert-auth --trusted-ca-file "$PKI/etcd-ca.crt" \
    --peer-cert-file "$PKI/etcd.crt" --peer-key-file "$PKI/etcd.key" --peer-client-cert-auth \
    --peer-trusted-ca-file "$PKI/etcd-ca.crt" \
    --initial-cluster "bed=https://$LOCAL:2380" --auto-compaction-mode periodic --auto-compaction-retention 10m
}

etcd_answers() {
  curl -fsS -m 2 --cacert "$PKI/etcd-ca.crt" --cert "$PKI/etcd-client.crt" --key "$PKI/etcd-client.key" \
    "https://$LOCAL:2379/health"
}

# Writes only: what the operator changes in the steady state is a published figure.
audit_policy() {
  cat >"$STATE/audit.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get, list, watch]}
- {level: Metadata}
YAML
}

apiserver_start() {
  audit_policy
  spawn "$RUN/apiserver" "$LOGS/apiserver.log" "$BIN/kube-apiserver" --etcd-servers "https://$LOCAL:2379" \
    --etcd-cafile "$PKI/etcd-ca.crt" --etcd-certfile "$PKI/etcd-client.crt" --etcd-keyfile "$PKI/etcd-client.key" \
    --bind-address "$API" --advertise-address "$API" --secure-port 6443 \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" --client-ca-file "$PKI/ca.crt" \
    --kubelet-client-certificate "$PKI/kubelet-client.crt" --kubelet-client-key "$PKI/kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP --authorization-mode Node,RBAC \
    --enable-admission-plugins NodeRestriction \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$PKI/service-accounts.key" \
    --service-account-signing-key-file "$PKI/service-accounts.key" \
    --service-cluster-ip-range "$SERVICE_NET.0.0/16" --allow-privileged --profiling=false \
    --audit-policy-file "$STATE/audit.yaml" --audit-log-path "$LOGS/audit.log" \
    --audit-log-maxsize 50 --audit-log-maxbackup 2
}

controllers_start() {
  spawn "$RUN/controller-manager" "$LOGS/controller-manager.log" "$BIN/kube-controller-manager" \
    --kubeconfig "$PKI/kube-controller-manager.kubeconfig" --bind-address "$LOCAL" --profiling=false \
    --authentication-kubeconfig "$PKI/kube-controller-manager.kubeconfig" \
    --authorization-kubeconfig "$PKI/kube-controller-manager.kubeconfig" \
    --use-service-account-credentials --service-account-private-key-file "$PKI/service-accounts.key" \
    --root-ca-file "$PKI/ca.crt" --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
    --allocate-node-cidrs=false --service-cluster-ip-range "$SERVICE_NET.0.0/16" --leader-elect=false
  spawn "$RUN/scheduler" "$LOGS/scheduler.log" "$BIN/kube-scheduler" --kubeconfig "$PKI/kube-scheduler.kubeconfig" \
    --authentication-kubeconfig "$PKI/kube-scheduler.kubeconfig" \
    --authorization-kubeconfig "$PKI/kube-scheduler.kubeconfig" \
    --bind-address "$LOCAL" --profiling=false --leader-elect=false
  spawn "$RUN/local-volumes" "$LOGS/local-volumes.log" \
    "$BIN/local-volumes" -kubeconfig "$PKI/admin.kubeconfig" -root "$STATE/nodes"
}

# The conntrack limits cannot be written from a namespace. The gateway calls
# itself node1 only because kube-proxy wants to be on some node.
proxy_arguments() {
  echo "$BIN/kube-proxy" --kubeconfig "$PKI/kube-proxy.kubeconfig" --hostname-override "$1" --proxy-mode iptables \
    --detect-local-mode ClusterCIDR --cluster-cidr "$POD_NET.0.0/16" --oom-score-adj 0 --conntrack-max-per-core 0 \
    --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0 --metrics-bind-address 127.0.0.1:10249
}

gateway_start() {
  # shellcheck disable=SC2046 # none of the arguments holds a blank
  spawn "$RUN/gateway" "$LOGS/gateway.log" nsenter --net="/run/netns/$BRIDGE-gw" $(proxy_arguments node1)
}

control_plane_start() {
  etcd_start
  wait_for 30 "etcd" etcd_answers || die "etcd did not start, see $LOGS/etcd.log"
  apiserver_start
  wait_for 90 "the API server" kubectl get --raw /readyz || die "the API server did not start, see $LOGS/apiserver.log"
  controllers_start
}

# The others are given three seconds: an API server waits a minute for watches
# that nobody will read. etcd goes last, and only when it has gone does the
# next start find its port free.
control_plane_stop() {
  local parts="gateway local-volumes scheduler controller-manager apiserver" part
  for part in $parts; do ! running "$RUN/$part" || kill -TERM "$(pid_of "$RUN/$part")" 2>/dev/null || true; done
  for part in $parts; do wait_gone 3 "$RUN/$part" || kill -KILL "$(pid_of "$RUN/$part")" 2>/dev/null || true; done
  for part in $parts etcd; do halt "$RUN/$part"; done
}

# Killed rather than asked, because an API server that is asked waits a minute for its watches.
api_fault() {
  local was_away=
  case ${1:-} in
    stop)
      ! running "$RUN/apiserver" || kill -KILL "$(pid_of "$RUN/apiserver")"
      halt "$RUN/apiserver"
      ;;
    start)
      running "$RUN/apiserver" || { was_away=1; apiserver_start; }
      wait_for 90 "the API server" kubectl get --raw /readyz ||
        die "the API server did not start, see $LOGS/apiserver.log"
      [ -z "$was_away" ] || gateway_restart
      ;;
    *) usage_error "api knows stop and start" ;;
  esac
}

# A kube-proxy that was refused for a while asks again after up to two minutes. Those of the nodes may, as everywhere;
# the gateway is our own way in, and what it does not know yet would be taken for a fault of the next thing that is
# tried.
gateway_restart() {
  halt "$RUN/gateway"
  gateway_start
}
