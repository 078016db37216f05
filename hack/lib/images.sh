# Images on the nodes: no registry, every node's containerd is given the archive.

ctr_node() { local n=$1; shift; in_node "$n" ctr -n k8s.io "$@"; }

# node_load N ARCHIVE HASH: imports once; the same bytes a second time are skipped.
node_load() {
  local n=$1 archive=$2 hash=$3 seen
  seen=$(node_dir "$n")/loaded/$(basename "$archive")
  [ "$(cat "$seen" 2>/dev/null)" != "$hash" ] || return 0
  ctr_node "$n" images import "$archive" >/dev/null || die "$(node_name "$n") could not import $archive"
  mkdir -p "$(dirname "$seen")"
  echo "$hash" >"$seen"
}

hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# What every node must have, also one that was down or did not exist when an archive was loaded.
node_load_all() {
  local archive
  for archive in "$IMAGES/cadence-pause.tar" "$IMAGES/cadence-coredns.tar" $(cat "$STATE/archives" 2>/dev/null); do
    [ ! -f "$archive" ] || node_load "$1" "$archive" "$(hash_of "$archive")"
  done
}

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
  local archive n hash loading
  [ $# -gt 0 ] || usage_error "load needs the path of an image archive"
  for archive in "$@"; do
    [ -f "$archive" ] || die "there is no file $archive"
    # The node has a working directory of its own.
    archive=$(readlink -f "$archive") hash=$(hash_of "$archive") loading=()
    grep -qxF "$archive" "$STATE/archives" 2>/dev/null || echo "$archive" >>"$STATE/archives"
    for n in $(seq 1 "$(node_count)"); do
      if [ "$(node_condition "$n")" = stopped ]; then
        say "$(node_name "$n") is stopped and gets $(basename "$archive") when it starts"
        continue
      fi
      (node_load "$n" "$archive" "$hash") & loading+=($!)
    done
    for n in "${loading[@]}"; do wait "$n" || die "not every node has $(basename "$archive")"; done
    say "Loaded $(basename "$archive")"
  done
}
