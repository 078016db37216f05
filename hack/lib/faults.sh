# What can befall a node, for real.

node_condition() {
  local n=$1
  if ! running "$(node_dir "$n")/pid/holder"; then echo stopped
  elif cgroup_is_frozen "$(node_cgroup "$n")"; then echo frozen
  elif node_is_cut "$n"; then echo cut
  elif ! running "$(node_dir "$n")/pid/kubelet"; then echo broken
  else echo running; fi
}

node_is_cut() { ! ip link show "$(node_link "$1")" 2>/dev/null | grep -q '[<,]UP[,>]'; }

node_number() {
  local n=${1#node}
  [[ $n =~ ^[0-9]+$ ]] && [ "$n" -ge 1 ] && [ "$n" -le "$(node_count)" ] ||
    usage_error "'$1' is not a node of '$NAME'; it has 1 to $(node_count)"
  echo "$n"
}

node_fault() {
  local verb=${1:-} n; shift || true
  [ $# = 1 ] || usage_error "node ${verb:-VERB} needs the number of one node"
  n=$(node_number "$1")
  case $verb in
    stop) node_stop "$n" ;;
    start) node_start "$n" ;;
    freeze) running "$(node_dir "$n")/pid/holder" || die "node $n is stopped"; cgroup_freeze "$(node_cgroup "$n")" ;;
    thaw) running "$(node_dir "$n")/pid/holder" || die "node $n is stopped"; cgroup_thaw "$(node_cgroup "$n")" ;;
    cut) ip link set "$(node_link "$n")" down ;;
    heal) ip link set "$(node_link "$n")" up ;;
    *) usage_error "node can stop, start, freeze, thaw, cut and heal, not '$verb'" ;;
  esac
  say "node $n of '$NAME': $(node_condition "$n")"
}

# container_ids NAMESPACE POD: NAME=RUNTIME://ID, a line for each of its containers.
container_ids() {
  kubectl -n "$1" get pod "$2" -o jsonpath='{range .status.containerStatuses[*]}{.name}={.containerID}{"\n"}{end}'
}

# The processes of one pod's containers, by their pids on this machine: what
# SIGKILL needs, since a program that is PID 1 cannot be killed from inside.
pod_pids() {
  local namespace=${1%%/*} pod=${1#*/} container=${2:-} node id
  node=$(kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.spec.nodeName}') || die "there is no pod $1"
  for id in $(container_ids "$namespace" "$pod"); do
    [ -z "$container" ] || [ "${id%%=*}" = "$container" ] || continue
    find "$CGROUP" -path "*/$(node_cgroup "${node#node}")/*/${id##*/}/cgroup.procs" -exec cat {} + 2>/dev/null
  done | sort -un
}

pod_fault() {
  local verb=${1:-} pids group; shift || true
  [[ ${1:-} == */* ]] || usage_error "pod ${verb:-VERB} needs NAMESPACE/POD and, optionally, a container"
  case $verb in
    pids) pod_pids "$@" ;;
    kill)
      pids=$(pod_pids "$@")
      [ -n "$pids" ] || die "no process runs in ${2:+container $2 of }pod $1"
      # shellcheck disable=SC2086 # one argument per process
      kill -KILL $pids 2>/dev/null || true
      ;;
    group)
      group=$(pod_group "$@")
      [ -n "$group" ] || die "no container ${2:-} of pod $1 runs"
      echo "$group"
      ;;
    *) usage_error "pod can pids, kill and group, not '$verb'" ;;
  esac
}

# The container's control group, as cgroup_freeze and cgroup_thaw take it;
# for who must thaw while the API server is away.
pod_group() {
  local namespace=${1%%/*} pod=${1#*/} container=${2:-} root=$CGROUP/freezer node id
  cgroup_v2 && root=$CGROUP
  node=$(kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.spec.nodeName}') || die "there is no pod $1"
  id=$(container_ids "$namespace" "$pod" |
    grep -m1 "^${container:-[^=]*}=") || die "pod $1 has no container ${container:-}"
  find "$root/$(node_cgroup "${node#node}")" -type d -name "${id##*/}" -printf "$(node_cgroup "${node#node}")/%P\n"
}

# group freeze|thaw GROUP: one pod's processes pause, its node goes on.
group_fault() {
  [ $# = 2 ] && [[ $2 == "$BRIDGE"-n* ]] || usage_error "group needs freeze or thaw, and what 'pod group' printed"
  case $1 in
    freeze) cgroup_freeze "$2" ;;
    thaw) cgroup_thaw "$2" ;;
    *) usage_error "group can freeze and thaw, not '$1'" ;;
  esac
}
