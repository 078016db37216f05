# The cluster's certificates and kubeconfigs, made once. Elliptic keys: RSA
# would cost seconds of every first start.

pki_ca() {
  [ -f "$PKI/ca.crt" ] || pki_authority ca "cadence-bed-$NAME"
}

# etcd believes another authority: who may ask the API server may not ask its store, which asks nobody's name.
pki_etcd() {
  local name
  [ -f "$PKI/etcd-ca.crt" ] || pki_authority etcd-ca "cadence-bed-$NAME-etcd"
  for name in etcd etcd-client; do CA=etcd-ca pki_issue $name "/CN=$name" "subjectAltName=IP:$LOCAL"; done
}

pki_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$2" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout "$PKI/$1.key" -out "$PKI/$1.crt" 2>/dev/null
}

# pki_issue FILE SUBJECT [EXTENSIONS]: by the authority in CA, else the cluster's.
pki_issue() {
  local file=$PKI/$1 extensions="extendedKeyUsage=clientAuth,serverAuth"
  [ -f "$file.crt" ] && return 0
  [ -z "${3:-}" ] || extensions+=$'\n'"$3"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$file.key" \
    -out "$file.csr" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA "$PKI/${CA:-ca}.crt" -CAkey "$PKI/${CA:-ca}.key" -CAcreateserial -days 3650 \
    -extfile <(printf '%s\n' "$extensions") -out "$file.crt" 2>/dev/null
  rm -f "$file.csr"
}

# pki_kubeconfig FILE CERTIFICATE: complete in itself, so that it can be copied anywhere.
pki_kubeconfig() {
  [ -f "$1" ] && return 0
  cat >"$1.new" <<YAML
apiVersion: v1
kind: Config
current-context: cadence-bed-$NAME
clusters:
- name: cadence-bed-$NAME
  cluster: {server: "https://$API:6443", certificate-authority-data: "$(base64 -w0 "$PKI/ca.crt")"}
contexts:
- name: cadence-bed-$NAME
  context: {cluster: cadence-bed-$NAME, user: $2}
users:
- name: $2
  user: {client-certificate-data: "$(base64 -w0 "$PKI/$2.crt")", client-key-data: "$(base64 -w0 "$PKI/$2.key")"}
YAML
  mv "$1.new" "$1"
}

pki_all() {
  local who node names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  names+=,DNS:kubernetes.default.svc.cluster.local,DNS:localhost
  umask 077
  mkdir -p "$PKI"
  pki_ca
  pki_etcd
  [ -f "$PKI/service-accounts.key" ] ||
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$PKI/service-accounts.key" 2>/dev/null
  pki_issue apiserver "/CN=kube-apiserver" "subjectAltName=$names,IP:127.0.0.1,IP:$API,IP:$SERVICE_NET.0.1"
  pki_issue kubelet-client "/O=system:masters/CN=kube-apiserver-kubelet-client"
  pki_issue admin "/O=system:masters/CN=admin"
  for who in kube-controller-manager kube-scheduler kube-proxy; do pki_issue $who "/CN=system:$who"; done
  for who in admin kube-controller-manager kube-scheduler kube-proxy; do
    pki_kubeconfig "$PKI/$who.kubeconfig" $who
  done
  for node in $(seq 1 "$1"); do
    pki_issue "node$node" "/O=system:nodes/CN=system:node:node$node"
    pki_kubeconfig "$PKI/node$node.kubeconfig" "node$node"
  done
  umask 022
  cp "$PKI/admin.kubeconfig" "$KUBECONFIG_FILE"
}
