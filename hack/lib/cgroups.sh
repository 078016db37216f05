# Control groups of a node: one group per node in every hierarchy of cgroup v1,
# or one in the unified tree of cgroup v2. Killing or freezing a node is done
# on its group, so that nothing of it escapes.

CGROUP=/sys/fs/cgroup
cgroup_v2() { [ -f $CGROUP/cgroup.controllers ]; }

# The hierarchies that get a group; hybrid machines have v1 controllers beside an empty v2 tree.
cgroup_roots() {
  if cgroup_v2; then echo $CGROUP; else
    local h
    for h in "$CGROUP"/*/; do [ -L "${h%/}" ] || echo "${h%/}"; done
  fi
}

cgroup_make() {
  local root value
  for root in $(cgroup_roots); do
    if [ "$root" = $CGROUP ]; then
      # Errors are for controllers that this machine does not have.
      for value in cpu cpuset memory pids io; do
        echo "+$value" >$CGROUP/cgroup.subtree_control 2>/dev/null || true
      done
    fi
    mkdir -p "$root/$1"
    if [ "$root" = $CGROUP ]; then
      for value in cpu cpuset memory pids io; do
        echo "+$value" >"$root/$1/cgroup.subtree_control" 2>/dev/null || true
      done
    fi
    mkdir -p "$root/$1/system"
    [ -f "$root/cpuset.cpus" ] || continue
    for value in cpuset.cpus cpuset.mems; do
      cat "$root/$value" >"$root/$1/$value"
      cat "$root/$value" >"$root/$1/system/$value"
    done
  done
}

# cgroup_join GROUP: this shell, and all it starts from now on, belongs to the node.
cgroup_join() {
  local root
  for root in $(cgroup_roots); do echo $BASHPID >"$root/$1/system/cgroup.procs"; done
}

cgroup_pids() {
  local root=$CGROUP/pids
  cgroup_v2 && root=$CGROUP
  [ -d "$root/$1" ] || return 0
  find "$root/$1" -name cgroup.procs -exec cat {} + 2>/dev/null | grep -v '^0$' || true
}

cgroup_freeze() {
  if cgroup_v2; then echo 1 >"$CGROUP/$1/cgroup.freeze"; else
    echo FROZEN >"$CGROUP/freezer/$1/freezer.state"
    wait_for 10 "the freezer of $1" grep -q FROZEN "$CGROUP/freezer/$1/freezer.state"
  fi
}

cgroup_thaw() {
  if cgroup_v2; then echo 0 >"$CGROUP/$1/cgroup.freeze"; else echo THAWED >"$CGROUP/freezer/$1/freezer.state"; fi
}

cgroup_is_frozen() {
  if cgroup_v2; then grep -q 1 "$CGROUP/$1/cgroup.freeze" 2>/dev/null; else
    grep -q FROZEN "$CGROUP/freezer/$1/freezer.state" 2>/dev/null; fi
}

# Everything in the group dies at one moment, as in a loss of power: it is
# frozen first, and the signals are delivered together when it thaws.
cgroup_kill() {
  local pids
  [ -n "$(cgroup_pids "$1")" ] || return 0
  cgroup_is_frozen "$1" || cgroup_freeze "$1" || true
  pids=$(cgroup_pids "$1")
  # shellcheck disable=SC2086 # one argument per process
  [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
  cgroup_thaw "$1"
  wait_for 60 "the processes of $1 to end" cgroup_is_empty "$1"
}

cgroup_is_empty() { [ -z "$(cgroup_pids "$1")" ]; }

cgroup_remove() {
  local root
  for root in $(cgroup_roots); do
    [ -d "$root/$1" ] || continue
    wait_for 10 "$root/$1 to be removable" cgroup_remove_tree "$root/$1" || true
  done
}

cgroup_remove_tree() { find "$1" -depth -type d -exec rmdir {} +; [ ! -d "$1" ]; }
