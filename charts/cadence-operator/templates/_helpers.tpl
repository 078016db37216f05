{{- define "cadence-operator.name" -}}
{{- if contains "cadence-operator" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-cadence-operator" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "cadence-operator.image" -}}
{{- $registry := (index . 0).Values.images.registry | trimSuffix "/" }}{{ with $registry }}{{ . }}/{{ end }}{{ index . 1 }}
{{- end }}

{{- define "cadence-operator.selector" -}}
app.kubernetes.io/name: cadence-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cadence-operator.labels" -}}
{{ include "cadence-operator.selector" . }}
app.kubernetes.io/part-of: cadence
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/*
What the operator does in a namespace it looks after. Kubernetes lets it grant to the agents' Roles only what stands here too:
Leases and events for PostgreSQL's agent, EndpointSlices for the proxy's.
*/}}
{{- define "cadence-operator.rules" -}}
- apiGroups: [cadence.noslop.tech]
  resources: [cadenceclusters]
  verbs: [get, list, watch]
- apiGroups: [cadence.noslop.tech]
  resources: [cadenceclusters/status]
  verbs: [get, patch]
# Where the API server enforces it, naming an owner that blocks deletion needs this.
- apiGroups: [cadence.noslop.tech]
  resources: [cadenceclusters/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [pods, services, configmaps, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
# Renewed certificates replace the Secret that was read, so update. Get also finds whether those exist that the spec names.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, patch, delete]
# Never deleted by the operator.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch, create, update, patch, delete]
# What a selector that somebody put on the writable Service has left behind.
- apiGroups: [""]
  resources: [endpoints]
  verbs: [delete]
# Listed for what does not get on: only an event says why a volume is not mounted.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [list, create, patch]
{{- end }}
