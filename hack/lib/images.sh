# Images on the nodes: no registry, every node's containerd is given the archive.

ctr_node() { local n=$1; shift; in_node "$n" ctr -n k8s.io "$@"; }

# node_load N ARCHIVE: imports once; the same bytes a second time are skipped.
node_load() {
  local n=$1 archive=$2 hash seen
  hash=$(sha256sum "$archive" | cut -d' ' -f1)
  seen=$(node_dir "$n")/loaded/$(basename "$archive")
  [ "$(cat "$seen" 2>/dev/null)" != "$hash" ] || return 0
  ctr_node "$n" images import "$archive" >/dev/null || die "$(node_name "$n") could not import $archive"
  mkdir -p "$(dirname "$seen")"
  echo "$hash" >"$seen"
}

node_load_own_images() { node_load "$1" "$IMAGES/cadence-pause.tar"; node_load "$1" "$IMAGES/cadence-coredns.tar"; }

# static_image NAME BINARY ENTRYPOINT...: an image of one program that needs no libc.
static_image() {
  local name=$1 binary=$2 archive=$IMAGES/$1.tar stamp container; shift 2
  stamp=$(sha256sum "$binary" | cut -d' ' -f1)
  [ -f "$archive" ] && [ "$(cat "$archive.stamp" 2>/dev/null)" = "$stamp" ] && return 0
  step "Making the image $name"
  mkdir -p "$IMAGES"
  container=$(buildah from scratch)
  buildah copy -q "$container" "$binary" "/$(basename "$binary")" >/dev/null
  buildah config --entrypoint "$(printf '%s\n' "$@" | jq -Rnc '[inputs]')" --user 65534:65534 "$container"
  buildah commit -q --rm "$container" "$name:dev" >/dev/null
  rm -f "$archive"
  buildah push -q "$name:dev" "docker-archive:$archive:$name:dev"
  echo "$stamp" >"$archive.stamp"
}

build_own_images() {
  static_image cadence-pause "$(command -v catatonit)" /catatonit -P
  static_image cadence-coredns "$BIN/coredns" /coredns -conf /etc/coredns/Corefile
}

cluster_load() {
  local archive n
  [ $# -gt 0 ] || usage_error "load needs the path of an image archive"
  for archive in "$@"; do
    [ -f "$archive" ] || die "there is no file $archive"
    # The node has a working directory of its own.
    archive=$(readlink -f "$archive")
    for n in $(seq 1 "$(node_count)"); do
      running "$(node_dir "$n")/pid/containerd" || { say "$(node_name "$n") is stopped and did not get $(basename "$archive")"; continue; }
      node_load "$n" "$archive"
    done
    say "Loaded $(basename "$archive")"
  done
}
