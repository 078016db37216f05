# What every script under hack/ shares: where things are kept, how it speaks,
# how it starts and stops the daemons it owns. Sourced, never run.

HACK=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
REPO=$(dirname "$HACK")
# Nothing below depends on where the checkout lies.
CACHE=${CADENCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cadence-ha}
BIN=$CACHE/bin
IMAGES=$CACHE/images
LOGS_DIR=$CACHE/log
# Images and layers lie in a store of their own: what is removed there is ours,
# and other people's images are never looked at.
# Its mounts and locks end with the machine's power, as /run does.
IMAGE_STORE=$IMAGES/store
IMAGE_RUN=/run/cadence-ha/$(printf '%s' "$IMAGE_STORE" | sha256sum | cut -c1-12)
buildah() { command buildah --root "$IMAGE_STORE" --runroot "$IMAGE_RUN" "$@"; }

say() { printf '%s\n' "$*" >&2; }
step() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
usage_error() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 2; }
need_root() { [ "$(id -u)" = 0 ] || die "the test bed makes network namespaces and mounts: run it as root"; }

# wait_for SECONDS WHAT COMMAND...: polls until the command succeeds, or says what did not happen.
wait_for() {
  local limit=$1 what=$2 deadline=$((SECONDS + $1)); shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { say "Waited $limit s in vain for $what"; return 1; }
    sleep 0.2
  done
}

# newest_go: the Go that builds hack/tools: the one in PATH, else the newest of Debian's packages,
# which lie beside the PATH.
newest_go() {
  local packaged
  if command -v go >/dev/null && go_suffices go; then echo go; return; fi
  packaged=$(printf '%s\n' /usr/lib/go-1.*/bin/go | sort -V | tail -1)
  [ -x "$packaged" ] && go_suffices "$packaged" && echo "$packaged"
}

# go_suffices GO: what the test bed's modules ask for, or what may fetch it (GOTOOLCHAIN).
# Before 1.21 Go tells only its own version.
go_suffices() {
  local version asked
  version=$(cd "$HACK/tools/kubernetes" && "$1" env GOVERSION 2>/dev/null) || return 1
  asked=$(sed -n 's/^go 1\.\([0-9]*\).*/\1/p' "$HACK/tools/kubernetes/go.mod")
  version=${version#go1.}
  [ "${version%%[!0-9]*}" -ge "$asked" ]
}

# push_image NAME REGISTRY [TAG]: as REGISTRY/NAME:TAG, dev unless given.
# A registry on this machine may speak plain HTTP.
push_image() {
  local tls=true tag=${3:-dev}
  case $2 in localhost* | 127.*) tls=false ;; esac
  buildah push -q --tls-verify=$tls "$1:$tag" "docker://${2%/}/$1:$tag" ||
    die "could not push $1:$tag to $2: log in with 'buildah login', or see above"
  say "Pushed ${2%/}/$1:$tag"
}

# A pid alone may have been given to another process since; with its start time it is ours.
start_time() { [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# running FILE: the process that spawn recorded there still lives.
running() {
  local pid started
  [ -f "$1" ] || return 1
  read -r pid started <"$1" || return 1
  # One that ended before spawn could look has no start time, and neither has whoever is looked for later.
  [ -n "$pid" ] && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]
}

pid_of() { cut -d' ' -f1 "$1"; }

# spawn PIDFILE LOG COMMAND...: starts a daemon in a session of its own, once.
spawn() {
  local file=$1 log=$2; shift 2
  running "$file" && return 0
  mkdir -p "$(dirname "$file")" "$(dirname "$log")"
  setsid "$@" </dev/null >>"$log" 2>&1 9>&- &
  printf '%s %s\n' "$!" "$(start_time "$!")" >"$file"
}

# halt PIDFILE: asks with SIGTERM, insists with SIGKILL after ten seconds.
halt() {
  if running "$1"; then
    kill -TERM "$(pid_of "$1")" 2>/dev/null || true
    wait_gone 10 "$1" || kill -KILL "$(pid_of "$1")" 2>/dev/null || true
    wait_gone 10 "$1" || say "Could not stop the process of $1"
  fi
  rm -f "$1"
}

wait_gone() {
  local deadline=$((SECONDS + $1))
  while running "$2"; do [ $SECONDS -lt $deadline ] || return 1; sleep 0.05; done
}
