{{/* What the schema cannot say, or cannot say in a sentence. */}}
{{- define "ambassador.checks" -}}
{{- $image := .Values.image -}}
{{- if contains "@" $image.repository -}}
  {{- fail (printf "image.repository is %q: put the digest into image.digest" $image.repository) -}}
{{- end -}}
{{- if contains ":" (base $image.repository) -}}
  {{- fail (printf "image.repository is %q: put the tag into image.tag" $image.repository) -}}
{{- end -}}
{{- if not (regexMatch "^[a-zA-Z0-9][a-zA-Z0-9._:/-]*$" $image.repository) -}}
  {{- fail (printf "image.repository is %q: it must be a repository, such as registry.example.com/ambassador" $image.repository) -}}
{{- end -}}
{{- if not (regexMatch "^([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})?$" $image.tag) -}}
  {{- fail (printf "image.tag is %q: it must be a tag, such as \"1.0\", or empty for the chart's appVersion" $image.tag) -}}
{{- end -}}
{{- if not (regexMatch "^(sha256:[0-9a-f]{64})?$" $image.digest) -}}
  {{- fail (printf "image.digest is %q: it must be sha256: and 64 hexadecimal digits, or empty" $image.digest) -}}
{{- end -}}
{{- range .Values.imagePullSecrets -}}
  {{- if not (regexMatch "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$" .name) -}}
    {{- fail (printf "imagePullSecrets contains %q: it must be the name of a Secret" .name) -}}
  {{- end -}}
{{- end -}}
{{- range .Values.namespaces -}}
  {{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" .) -}}
    {{- fail (printf "namespaces contains %q: it must be the name of a namespace" .) -}}
  {{- end -}}
{{- end -}}
{{- if and (not .Values.leaderElection) (gt (int .Values.replicas) 1) -}}
  {{- fail (printf "leaderElection is false and replicas is %d: without a Lease all of them would reconcile. Set replicas to 1" (int .Values.replicas)) -}}
{{- end -}}
{{- if eq (int .Values.adminPort) (int .Values.webhook.port) -}}
  {{- fail (printf "adminPort and webhook.port are both %d: give one of them another port" (int .Values.adminPort)) -}}
{{- end -}}
{{- $cidrs := .Values.networkPolicy.podCidrs -}}
{{- if and .Values.networkPolicy.enabled (not $cidrs.ipv4) (not $cidrs.ipv6) -}}
  {{- fail "networkPolicy.podCidrs is empty: without the addresses of your pods the policy would allow every pod" -}}
{{- end -}}
{{- end -}}
