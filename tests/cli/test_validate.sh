#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# validate and what apply refuses: rows, places, exit statuses, each thing once.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh
mkdir "$mesh"
cat >"$mesh/base.yaml" <<'END'
apiVersion: v1
kind: Service
metadata: {name: a, namespace: x}
spec: {selector: {app: a}, ports: [{name: http, port: 8000}]}
---
apiVersion: v1
kind: Pod
metadata: {name: a-1, namespace: x, labels: {app: a}}
spec: {containers: [{name: a, ports: [{containerPort: 8000}]}]}
END
vs() { # NAME SPEC
	printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\n'
	printf 'metadata: {name: %s, namespace: x}\nspec:\n%s\n' "$1" "$2"
}
good='  hosts: [a]
  http: [{route: [{destination: {host: a}}]}]'
vs a "$good" >"$scratch/good.yaml"
vs b "$good" >"$scratch/rival.yaml"
vs a '  hosts: [a]
  http:
  - timeuot: 2s
    route: [{destination: {host: a}}]' >"$scratch/unknown.yaml"
vs a '  hosts: [a]
  http:
  - match: [{uri: {regex: "(?=a)"}}]
    route: [{destination: {host: a}}]' >"$scratch/regex.yaml"
vs a '  hosts: [a]
  http:
  - route: [{destination: {host: a}}]
  - route: [{destination: {host: gone}}]
    match: [{uri: {prefix: /}}]' >"$scratch/warned.yaml"
dr() { # NAME SPEC
	printf -- '---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n'
	printf 'metadata: {name: %s, namespace: x}\nspec: %s\n' "$1" "$2"
}
not_obeyed='{host: a, trafficPolicy: {connectionPool: {http: {useClientProtocol: true}}}}'
dr a "$not_obeyed" >>"$scratch/warned.yaml"

check "nothing is wrong" 0 '' '' -- "$meshtop" validate --mesh "$mesh"
check "an unknown field at its place" 1 \
	"^$scratch/unknown.yaml:7:5: error: MT0020 VirtualService a.x spec.http\[0\].timeuot: .*'timeout'" '' -- \
	"$meshtop" validate -f "$scratch/unknown.yaml"
check "a ':' that libyaml takes for its own" 1 ":1:22: error: MT0001 found unexpected ':'.*; quote a text that has a ':'$" '' -- \
	bash -c 'echo "addresses: [2001:db8::]" | "$0" validate -f -' "$meshtop"
check "as JSON" 1 '"code": ?"MT0020"' '' -- "$meshtop" validate -o json -f "$scratch/unknown.yaml"
check "its severity" 1 '"severity": ?"error"' '' -- "$meshtop" validate -o json -f "$scratch/unknown.yaml"
check "apply refuses it" 1 '' 'MT0020' -- "$meshtop" apply --mesh "$mesh" -f "$scratch/unknown.yaml"
check "and writes nothing" 1 '' '' -- test -e "$mesh/x"
check "warnings do not refuse" 0 '^virtualservice.networking.istio.io/a created$' \
	'warning: KIA1101 VirtualService a.x spec.http\[1\].route\[0\].destination.host' -- \
	"$meshtop" apply --mesh "$mesh" -f "$scratch/warned.yaml"
check "info rows are validate's" 0 'info: MT2110 .* spec.trafficPolicy.connectionPool.http.useClientProtocol: not obeyed by this version' '' -- \
	"$meshtop" validate --mesh "$mesh"
check "a rule that is never used is said once" 0 '^1$' '' -- \
	bash -c '"$0" validate --mesh "$1" | grep -c MT2002' "$meshtop" "$mesh"
check "a bad regex is said once" 1 '^1$' '' -- \
	bash -c '"$0" validate -f "$1" | grep -c "error\|warning: MT2003"; exit "${PIPESTATUS[0]}"' \
	"$meshtop" "$scratch/regex.yaml"
check "two rules for a host, once for each" 0 '^2$' '' -- \
	bash -c 'cat "$0" <(echo ---) "$1" | "$2" validate -f - | grep -c "KIA1106\|MT2001"' \
	"$scratch/good.yaml" "$scratch/rival.yaml" "$meshtop"
check "documents beside each other may say the same" 0 \
	'/copy.yaml:1:1: warning: MT0010 VirtualService a.x left out: ' '' -- \
	bash -c 'mkdir "$0/twice" && cp "$0/good.yaml" "$0/twice/a.yaml" && cp "$0/good.yaml" "$0/twice/copy.yaml" &&
		"$1" validate -f "$0/twice"' "$scratch" "$meshtop"
check "one file does not" 1 'error: MT0010' '' -- \
	bash -c 'cat "$0" <(echo ---) "$0" | "$1" validate -f -' "$scratch/good.yaml" "$meshtop"
check "files for other programs" 0 ':1:1: info: MT0005 Kustomization .default metadata: ' '' -- \
	bash -c 'printf "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" | "$0" validate -f -' "$meshtop"
guard='{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: deny, namespace: x}, spec: {action: DENY}}'
check "a policy that is not enforced" 0 'info: MT0016 AuthorizationPolicy deny.x kind: .* is not enforced by this version' '' -- \
	bash -c 'echo "$0" | "$1" validate -f -' "$guard" "$meshtop"
mkdir "$scratch/guarded"
check "on a mesh it is a warning" 0 '*' 'warning: MT0016 AuthorizationPolicy deny.x' -- \
	bash -c 'echo "$0" | "$1" apply --mesh "$2" -f -' "$guard" "$meshtop" "$scratch/guarded"
check "of which validate, too" 0 'warning: MT0016 AuthorizationPolicy deny.x' '' -- "$meshtop" validate --mesh "$scratch/guarded"
check "a list of one kind is unfolded" 1 ':5:32: error: MT0020 VirtualService a.default spec.htp: ' '' -- \
	bash -c 'printf "apiVersion: networking.istio.io/v1\nkind: VirtualServiceList\nitems:\n- {apiVersion: %s/v1,
  kind: VirtualService, spec: {htp: []}, metadata: {name: a}}\n" networking.istio.io | "$0" validate -f -' "$meshtop"
check "a kind with a letter missing" 0 'MT0011 VirtualServce .*did you mean VirtualService' '' -- \
	bash -c 'sed s/VirtualService/VirtualServce/ "$0" | "$1" validate -f -' "$scratch/good.yaml" "$meshtop"
last=$scratch/last
mkdir "$last"
cp "$mesh/base.yaml" "$last"
"$meshtop" apply --mesh "$last" -f "$scratch/good.yaml" >"$scratch/out" 2>&1
cp "$scratch/unknown.yaml" "$last/x/virtualservice-a.yaml"
mkfifo "$last/pipe.yaml"
check "what serves instead of a bad document" 1 '^x/virtualservice-a.yaml:1:1: info: MT0015 ' '' -- \
	"$meshtop" validate --mesh "$last"
check "what cannot be read" 1 '^pipe.yaml:1:1: error: MT0014 not a regular file$' '' -- \
	"$meshtop" validate --mesh "$last"
mkdir "$scratch/names"
cp "$scratch/good.yaml" "$scratch/names/$(printf '\377').yaml"
check "what is left out of a folder" 1 '/names/.*.yaml:1:1: error: MT0014 left out' '' -- \
	"$meshtop" validate -f "$scratch/names"
mkdir "$scratch/noted"
cp "$mesh/base.yaml" "$scratch/noted"
dr a "$not_obeyed" >"$scratch/noted/dr.yaml"
check "explain notes what is not obeyed" 0 '^note +spec.trafficPolicy.connectionPool.http.useClientProtocol: not obeyed' '' -- \
	"$meshtop" explain -f "$scratch/noted" --from a-1.x http://a:8000/

finish
