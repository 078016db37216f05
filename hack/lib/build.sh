# Builds the test bed's programs from the Go modules under hack/tools.
# A program is built again only when its sources changed.

KUBERNETES_VERSION=v1.34.4
HYPERKUBE_NAMES="etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl local-volumes
  network-policies"

module_stamp() { (cd "$HACK/tools/$1" && shopt -s nullglob && cat go.mod go.sum *.go | sha256sum | cut -d' ' -f1); }

# build_program OUTPUT MODULE PACKAGE LDFLAGS: static, and with no path of this machine in it or in Go's cache keys.
build_program() {
  local output=$BIN/$1 module=$2 package=$3 flags=$4 stamp go
  stamp="$(module_stamp "$module") $package"
  [ -x "$output" ] && [ "$(cat "$output.stamp" 2>/dev/null)" = "$stamp" ] && return 0
  go=$(newest_go) || die "Go is missing or too old: run hack/deps first"
  step "Building $1 (the first time this takes some minutes)"
  mkdir -p "$BIN"
  (
    cd "$HACK/tools/$module"
    CGO_ENABLED=0 nice "$go" build -v -trimpath -ldflags "-s -w $flags" -o "$output.new" "$package"
  ) 2>&1 | build_progress "$1"
  [ "${PIPESTATUS[0]}" = 0 ] || die "could not build $1; its last words are above"
  mv "$output.new" "$output"
  printf '%s' "$stamp" >"$output.stamp"
}

# Turns go's list of compiled packages into one line now and then; keeps everything else.
build_progress() {
  local count=0 line
  while IFS= read -r line; do
    case $line in
      "go: downloading"*) ;;
      *[!A-Za-z0-9._/~+-]*) say "    $line" ;;
      *) count=$((count + 1)); [ $((count % 200)) != 0 ] || say "    $1: $count packages compiled, ${SECONDS} s" ;;
    esac
  done
}

build_hyperkube() {
  local v=k8s.io/component-base/version name
  build_program hyperkube kubernetes . \
    "-X $v.gitVersion=$KUBERNETES_VERSION -X $v.gitMajor=1 -X $v.gitMinor=34 -X $v.gitTreeState=clean"
  for name in $HYPERKUBE_NAMES; do ln -sfn hyperkube "$BIN/$name"; done
}

build_coredns() { build_program coredns coredns . ""; }

# The chart's and the manifests' tools; not needed by the bed itself.
build_checks() {
  local h=helm.sh/helm/v4 part flags
  flags="-X $h/internal/version.version=v4.0.5"
  # Without these helm template and lint think of a Kubernetes of no version.
  flags+=" -X $h/internal/version.kubeClientVersionMajor=1 -X $h/internal/version.kubeClientVersionMinor=34"
  for part in chart/v2/lint/rules chart/common; do
    flags+=" -X $h/pkg/$part.k8sVersionMajor=1 -X $h/pkg/$part.k8sVersionMinor=34"
  done
  build_program helm checks $h/cmd/helm "$flags"
  build_program kubeconform checks github.com/yannh/kubeconform/cmd/kubeconform ""
}
