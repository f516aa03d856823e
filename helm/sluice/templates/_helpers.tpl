{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Leaves room for "-publish" and "-resolve". */}}
{{- define "sluice.fullname" -}}
{{- $name := include "sluice.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Of all that is in the release. */}}
{{- define "sluice.release" -}}
app.kubernetes.io/name: {{ include "sluice.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "sluice.release" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
What is installed: items, each with a name, a component and its values (those at the top, under those of its role). Checked here, as
every template asks for it.
*/}}
{{- define "sluice.parts" -}}
{{- $full := include "sluice.fullname" . }}
{{- $keys := list "roles" "replicas" "resources" "javaOptions" "autoscaling" "podDisruptionBudget" "nodeSelector" "tolerations" "affinity" }}
{{- $items := list }}
{{- if .Values.byRole }}
{{- range $role := list "publish" "resolve" "feed" }}
{{- if hasKey $.Values.byRole $role }}
{{- $top := dict }}
{{- range $keys }}{{- $_ := set $top . (index $.Values .) }}{{- end }}
{{- $_ := set $top "roles" (list $role) }}
{{- $values := mergeOverwrite (deepCopy $top) (default dict (index $.Values.byRole $role)) }}
{{- $items = append $items (dict "name" (printf "%s-%s" $full $role) "component" $role "values" $values "at" (printf "byRole.%s." $role)) }}
{{- end }}
{{- end }}
{{- else }}
{{- $values := dict }}
{{- range $keys }}{{- $_ := set $values . (index $.Values .) }}{{- end }}
{{- $items = append $items (dict "name" $full "component" "gateway" "values" $values "at" "") }}
{{- end }}
{{- range $items }}
{{- $scaling := .values.autoscaling }}
{{- if $scaling.enabled }}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) }}
{{- fail (printf "%sautoscaling.minReplicas: %d (expected: at most autoscaling.maxReplicas, %d)" .at (int $scaling.minReplicas) (int $scaling.maxReplicas)) }}
{{- end }}
{{- if and $scaling.lag.enabled (not (has "resolve" .values.roles)) }}
{{- fail (printf "%sautoscaling.lag.enabled: true (expected: only where the role resolve is; more of these would not lessen the lag)" .at) }}
{{- end }}
{{- if not (dig "requests" "cpu" "" .values.resources) }}
{{- fail (printf "%sresources.requests.cpu: empty (expected: a quantity; autoscaling.targetCPU is a part of it)" .at) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml (dict "items" $items) }}
{{- end }}

{{/*
The name of the Service that answers reads (role feed) or writes (role publish): the one that is called by the role, else the first that
has it, or empty where the release has none. Arguments: root, role.
*/}}
{{- define "sluice.serving" -}}
{{- $role := .role }}
{{- $found := "" }}
{{- range (include "sluice.parts" .root | fromYaml).items }}
{{- if and (has $role .values.roles) (or (not $found) (eq .component $role)) }}
{{- $found = .name }}
{{- end }}
{{- end }}
{{- $found }}
{{- end }}

{{- define "sluice.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "sluice.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "sluice.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "sluice.protocol" -}}
{{- $tls := .Values.kafka.tls.enabled }}
{{- if .Values.kafka.sasl.mechanism }}{{ ternary "SASL_SSL" "SASL_PLAINTEXT" $tls }}{{ else }}{{ ternary "SSL" "PLAINTEXT" $tls }}{{ end }}
{{- end }}

{{/* A variable from a Secret. Arguments: name, secret, key. */}}
{{- define "sluice.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{- end }}

{{/* The settings, as environment variables. Arguments: root, part. */}}
{{- define "sluice.env" -}}
{{- $values := .root.Values }}
- name: SERVER_PORT
  value: {{ $values.port | quote }}
- name: JAVA_TOOL_OPTIONS
  value: {{ .part.values.javaOptions | quote }}
{{- if $values.config }}
- name: SPRING_CONFIG_ADDITIONALLOCATION
  value: /etc/sluice/config/
{{- end }}
{{- if $values.secretConfig }}
- name: SPRING_CONFIG_IMPORT
  value: configtree:/etc/sluice/secrets/
{{- end }}
{{ include "sluice.env.kafka" .root }}
{{ include "sluice.env.postgres" .root }}
{{ include "sluice.env.redis" .root }}
- name: SLUICE_ROLES
  value: {{ join "," .part.values.roles | quote }}
{{- range $type, $settings := $values.types }}
{{- range $setting, $value := $settings }}
- name: SLUICE_TYPES_{{ upper $type }}_{{ upper $setting }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sluice.env.kafka" -}}
{{- $kafka := .Values.kafka }}
- name: SLUICE_KAFKA_BOOTSTRAP_SERVERS
  value: {{ required "kafka.bootstrapServers: empty (expected: host:port of your Kafka, several with commas)" $kafka.bootstrapServers | quote }}
{{- if ne (include "sluice.protocol" .) "PLAINTEXT" }}
- name: SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL
  value: {{ include "sluice.protocol" . }}
{{- end }}
{{- if $kafka.tls.ca.secret }}
{{- if not $kafka.tls.enabled }}
{{- fail (printf "kafka.tls.ca.secret: %s, and kafka.tls.enabled is false (expected: true)" $kafka.tls.ca.secret) }}
{{- end }}
- name: SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_TYPE
  value: PEM
- name: SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_LOCATION
  value: /etc/sluice/ca/kafka/{{ $kafka.tls.ca.key }}
{{- end }}
{{- with $kafka.sasl }}
{{- if .mechanism }}
{{- $module := ternary "plain.PlainLoginModule" "scram.ScramLoginModule" (eq .mechanism "PLAIN") }}
- name: SLUICE_KAFKA_PROPERTIES_SASL_MECHANISM
  value: {{ .mechanism }}
{{ include "sluice.fromSecret" (dict "name" "KAFKA_USER" "secret" (required "kafka.sasl.secret.name: empty (expected: a Secret with user and password)" .secret.name) "key" .secret.userKey) }}
{{ include "sluice.fromSecret" (dict "name" "KAFKA_PASSWORD" "secret" .secret.name "key" .secret.passwordKey) }}
- name: SLUICE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG
  value: {{ printf "org.apache.kafka.common.security.%s required username=\"$(KAFKA_USER)\" password=\"$(KAFKA_PASSWORD)\";" $module | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := $kafka.properties }}
- name: SLUICE_KAFKA_PROPERTIES_{{ $name | replace "." "_" | upper }}
  {{- /* Helm reads a number as a float, and would write a large one as 1e+06. */}}
  value: {{ (kindIs "float64" $value | ternary (toJson $value) (toString $value)) | quote }}
{{- end }}
{{- end }}

{{- define "sluice.env.postgres" -}}
{{- $postgres := .Values.postgres }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_POSTGRES_URL" "secret" (required "postgres.secret.name: empty (expected: the name of a Secret with the URL of your PostgreSQL)" $postgres.secret.name) "key" $postgres.secret.key) }}
{{- with $postgres.credentials }}
{{- if .secret }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_POSTGRES_USER" "secret" .secret "key" .userKey) }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_POSTGRES_PASSWORD" "secret" .secret "key" .passwordKey) }}
{{- end }}
{{- end }}
{{- with $postgres.tls.mode }}
- name: SLUICE_POSTGRES_SSLMODE
  value: {{ . }}
{{- end }}
{{- if $postgres.tls.ca.secret }}
{{- if has $postgres.tls.mode (list "disable" "require") }}
{{- fail (printf "postgres.tls.mode: %s, with postgres.tls.ca.secret (expected: verify-ca or verify-full, which look at it)" $postgres.tls.mode) }}
{{- end }}
- name: SLUICE_POSTGRES_ROOTCERTIFICATE
  value: /etc/sluice/ca/postgres/{{ $postgres.tls.ca.key }}
{{- end }}
{{- end }}

{{- define "sluice.env.redis" -}}
{{- $redis := .Values.redis }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_REDIS_URL" "secret" (required "redis.secret.name: empty (expected: the name of a Secret with the URL of your Redis)" $redis.secret.name) "key" $redis.secret.key) }}
{{- with $redis.credentials }}
{{- if .secret }}
{{- if .userKey }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_REDIS_USER" "secret" .secret "key" .userKey) }}
{{- end }}
{{ include "sluice.fromSecret" (dict "name" "SLUICE_REDIS_PASSWORD" "secret" .secret "key" .passwordKey) }}
{{- end }}
{{- end }}
{{- if $redis.tls.ca.secret }}
- name: SLUICE_REDIS_ROOTCERTIFICATE
  value: /etc/sluice/ca/redis/{{ $redis.tls.ca.key }}
{{- end }}
{{- end }}

{{/* Which files a gateway is given, as name: volume source and path. */}}
{{- define "sluice.files" -}}
{{- if .Values.config }}
config:
  path: /etc/sluice/config
  source: {configMap: {name: {{ include "sluice.fullname" . }}}}
{{- end }}
{{- if .Values.secretConfig }}
secrets:
  path: /etc/sluice/secrets
  source: {secret: {secretName: {{ .Values.secretConfig }}}}
{{- end }}
{{- range $system := list "kafka" "postgres" "redis" }}
{{- $ca := (index $.Values $system).tls.ca }}
{{- if $ca.secret }}
ca-{{ $system }}:
  path: /etc/sluice/ca/{{ $system }}
  source: {secret: {secretName: {{ $ca.secret }}, items: [{key: {{ $ca.key }}, path: {{ $ca.key }}}]}}
{{- end }}
{{- end }}
{{- end }}

{{/* The gateway itself waits up to 20 s for requests that are under way. */}}
{{- define "sluice.graceSeconds" -}}
{{- $least := add .Values.termination.delaySeconds 25 }}
{{- if lt (int .Values.termination.graceSeconds) (int $least) }}
{{- fail (printf "termination.graceSeconds: %v (expected: >= %d, 25 more than termination.delaySeconds)" .Values.termination.graceSeconds $least) }}
{{- end }}
{{- .Values.termination.graceSeconds }}
{{- end }}

{{/* How quickly up, how slowly down. Argument: autoscaling. */}}
{{- define "sluice.behavior" -}}
scaleUp:
  stabilizationWindowSeconds: {{ .scaleUp.stabilizationSeconds }}
  policies:
    - type: Percent
      value: {{ .scaleUp.percentPerMinute }}
      periodSeconds: 60
scaleDown:
  stabilizationWindowSeconds: {{ .scaleDown.stabilizationSeconds }}
  policies:
    - type: Pods
      value: {{ .scaleDown.podsPerFiveMinutes }}
      periodSeconds: 300
{{- end }}
