{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "sluice.fullname" -}}
{{- $name := include "sluice.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ include "sluice.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
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

{{/* The settings, as environment variables. */}}
{{- define "sluice.env" -}}
- name: SERVER_PORT
  value: {{ .Values.port | quote }}
- name: JAVA_TOOL_OPTIONS
  value: {{ .Values.javaOptions | quote }}
- name: SLUICE_KAFKA_BOOTSTRAP_SERVERS
  value: {{ required "kafka.bootstrapServers: empty (expected: host:port of your Kafka, several with commas)" .Values.kafka.bootstrapServers | quote }}
- name: SLUICE_POSTGRES_URL
  valueFrom:
    secretKeyRef:
      name: {{ required "postgres.secret.name: empty (expected: the name of a Secret with the URL of your PostgreSQL)" .Values.postgres.secret.name | quote }}
      key: {{ .Values.postgres.secret.key | quote }}
- name: SLUICE_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ required "redis.secret.name: empty (expected: the name of a Secret with the URL of your Redis)" .Values.redis.secret.name | quote }}
      key: {{ .Values.redis.secret.key | quote }}
- name: SLUICE_ROLES
  value: {{ join "," .Values.roles | quote }}
{{- range $type, $settings := .Values.types }}
{{- range $setting, $value := $settings }}
- name: SLUICE_TYPES_{{ upper $type }}_{{ upper $setting }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
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
