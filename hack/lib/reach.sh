# How a script on this machine speaks to a Service: the bed's are reachable from here, those of other clusters through
# kubectl. Sourced after a function kubectl.

REACHING=()

# reach NAMESPACE SERVICE PORT: leaves HOST:PORT in REACHED, until reach_end.
reach() {
  local log port
  if [ "$(hack/cluster mode)" = bed ]; then
    REACHED=$(kubectl -n "$1" get service "$2" -o jsonpath='{.spec.clusterIP}'):$3
    # A connection begun before kube-proxy knows a new Service stays lost for minutes: short ones until one is made. A
    # bed whose machine was switched off tells for two minutes of pods that are no more.
    for _ in $(seq 1 120); do
      if timeout 1 bash -c ": </dev/tcp/${REACHED%:*}/$3" 2>/dev/null; then return; fi
      sleep 0.5
    done
    echo "$(basename "$0"): service $2 in $1 does not answer at $REACHED" >&2
    exit 1
  fi
  log=$(mktemp)
  KUBECONFIG=$(hack/cluster kubeconfig) command kubectl -n "$1" port-forward "service/$2" ":$3" >"$log" 2>&1 &
  REACHING+=("$!")
  for _ in $(seq 1 100); do
    port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\).*/\1/p' "$log")
    [ -z "$port" ] || break
    sleep 0.1
  done
  if [ -z "$port" ]; then
    echo "$(basename "$0"): service $2 in $1 cannot be reached: $(tail -1 "$log")" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
  REACHED=127.0.0.1:$port
}

reach_end() { [ ${#REACHING[@]} = 0 ] || kill "${REACHING[@]}" 2>/dev/null || true; }
