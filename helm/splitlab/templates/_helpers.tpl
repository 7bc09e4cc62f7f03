{{/* Labels of every object; what follows is a component's name. */}}
{{- define "splitlab.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{ include "splitlab.selector" . }}
{{- end }}

{{- define "splitlab.selector" -}}
app.kubernetes.io/name: splitlab
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* registry/repository:tag, or @digest. */}}
{{- define "splitlab.image" -}}
{{- $images := .root.Values.images -}}
{{- $name := printf "%s/%s" (.image.registry | default $images.registry) .image.repository -}}
{{- if .image.digest -}}
{{ $name }}@{{ .image.digest }}
{{- else -}}
{{ $name }}:{{ .image.tag | default $images.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "splitlab.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What the schema cannot say about the values. */}}
{{- define "splitlab.check" -}}
{{- $nats := .Values.nats -}}
{{- if $nats.bundled.enabled -}}
{{- if $nats.url -}}
{{- fail "nats.url is for a NATS of your own: set nats.bundled.enabled=false with it, or leave nats.url empty" -}}
{{- end -}}
{{- if ne (int $nats.replicas) 1 -}}
{{- fail "nats.replicas is for a NATS of your own: the bundled one is a single server" -}}
{{- end -}}
{{- if $nats.credentialsSecret -}}
{{- fail "nats.credentialsSecret is for a NATS of your own: the bundled one has keys in nats.keysSecret" -}}
{{- end -}}
{{- else if not $nats.url -}}
{{- fail "nats.bundled.enabled=false needs nats.url, such as nats://nats.messaging.svc:4222" -}}
{{- end -}}
{{- if and (not $nats.credentialsSecret) (not $nats.keysSecret) -}}
{{- fail "name a Secret: nats.keysSecret (credentials per experiment) or nats.credentialsSecret (one for all)" -}}
{{- end -}}
{{- $election := .Values.operator.leaderElection -}}
{{- if ge (int $election.renewDeadlineSeconds) (int $election.leaseDurationSeconds) -}}
{{- fail "operator.leaderElection: renewDeadlineSeconds must be below leaseDurationSeconds" -}}
{{- end -}}
{{- if ge (int $election.retryPeriodSeconds) (int $election.renewDeadlineSeconds) -}}
{{- fail "operator.leaderElection: retryPeriodSeconds must be below renewDeadlineSeconds" -}}
{{- end -}}
{{- end }}

{{/* The operator's configuration file, as operator/config.ts reads it. */}}
{{- define "splitlab.config" -}}
{{- $values := .Values -}}
{{- $bundled := $values.nats.bundled.enabled -}}
{{- $url := ternary (printf "nats://splitlab-nats.%s.svc:4222" .Release.Namespace) $values.nats.url $bundled -}}
{{- $nats := dict "url" $url "manageKeys" $bundled "replicas" $values.nats.replicas -}}
{{- if $values.nats.workerUrl -}}{{- $_ := set $nats "workerUrl" $values.nats.workerUrl -}}{{- end -}}
{{- if $values.nats.credentialsSecret -}}
{{- $_ := set $nats "credentialsFile" "/etc/splitlab-nats/nats.creds" -}}
{{- else -}}
{{- $_ := set $nats "keysSecret" $values.nats.keysSecret -}}
{{- end -}}
{{- $images := dict
  "cpu" (include "splitlab.image" (dict "root" . "image" $values.images.workerCpu))
  "cuda" (include "splitlab.image" (dict "root" . "image" $values.images.workerCuda))
  "pullPolicy" $values.images.pullPolicy -}}
{{- $election := merge (dict "namespace" .Release.Namespace "name" "splitlab-operator") $values.operator.leaderElection -}}
{{- $results := dict "port" $values.resultsApi.port -}}
{{- if $values.resultsApi.tlsSecret -}}
{{- $_ := set $results "tls" (dict "certFile" "/etc/splitlab-tls/tls.crt" "keyFile" "/etc/splitlab-tls/tls.key") -}}
{{- end -}}
{{- $config := dict
  "nats" $nats
  "images" $images
  "leaderElection" $election
  "concurrency" $values.operator.concurrency
  "resultsApi" $results
  "healthPort" 8081
  "purge" $values.operator.purge
  "logLevel" $values.operator.logLevel -}}
{{- if $values.operator.clusterId -}}{{- $_ := set $config "clusterId" $values.operator.clusterId -}}{{- end -}}
{{ toPrettyJson $config }}
{{- end }}
