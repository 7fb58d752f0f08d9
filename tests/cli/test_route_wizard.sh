#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The wizards of the Gateway API: documents from answers, what stays, refusals.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh
mkdir "$mesh"
cat >"$mesh/shop.yaml" <<'END'
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {selector: {app: a}, ports: [{name: tcp, port: 9}, {name: http, port: 8000}]}
---
apiVersion: v1
kind: Service
metadata: {name: a-v1, namespace: shop}
spec: {selector: {app: a, version: v1}, ports: [{name: http, port: 8001}]}
---
apiVersion: v1
kind: Service
metadata: {name: a-v2, namespace: shop}
spec: {selector: {app: a, version: v2}, ports: [{name: grpc, port: 8002}]}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec: {selector: {app: other}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p1, namespace: shop, labels: {app: a, version: v1}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p2, namespace: shop, labels: {app: a, version: v2}}
spec: {containers: [{name: c, image: i}]}
END

route() { # KIND ANSWERS [OPTION...]
	local kind=$1 answers=$2
	shift 2
	printf '%s\n' "$answers" >"$scratch/answers.yaml"
	"$meshtop" wizard "k8s-$kind-routing" --mesh "$mesh" --service a.shop --answers "$scratch/answers.yaml" "$@"
}
same() { # WHAT: the last output is stdin
	diff - "$scratch/out" >"$scratch/differs"
	report $? "$1" "$scratch/differs"
}

check "services that share the pods, evenly" 0 '*' 'info: MT2110 HTTPRoute a.shop spec: .*not obeyed' -- route http '{}'
same "a new route" <<'END'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: a
  namespace: shop
  labels:
    kiali_wizard: k8s_request_routing
spec:
  hostnames:
  - a.shop.svc.cluster.local
  rules:
  - backendRefs:
    - name: a
      port: 8000
      weight: 33
    - name: a-v1
      port: 8001
      weight: 33
    - name: a-v2
      port: 8002
      weight: 34
END
check "all of a GRPCRoute" 0 '*' '*' -- route grpc 'rules:
- match: [{method: {type: Exact, service: s, method: m}, headers: [{name: h, value: v}]}]
  backends: {a-v2: 7, other: 0}
gateway: {create: {port: 8080, hosts: [x.example, "*.y.example"], class: istio-waypoint}, includeMesh: true}'
same "with its Gateway" <<'END'
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: a-gateway
  namespace: shop
  labels:
    kiali_wizard: k8s_grpc_request_routing
spec:
  gatewayClassName: istio-waypoint
  listeners:
  - name: default
    hostname: x.example
    port: 8080
    protocol: HTTP
    allowedRoutes:
      namespaces:
        from: All
        selector: {}
  - name: default-2
    hostname: '*.y.example'
    port: 8080
    protocol: HTTP
    allowedRoutes:
      namespaces:
        from: All
        selector: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata:
  name: a
  namespace: shop
  labels:
    kiali_wizard: k8s_grpc_request_routing
spec:
  parentRefs:
  - name: a-gateway
    namespace: shop
  - group: ""
    kind: Service
    name: a
  hostnames:
  - x.example
  - '*.y.example'
  rules:
  - matches:
    - method:
        type: Exact
        service: s
        method: m
      headers:
      - name: h
        value: v
    backendRefs:
    - name: a-v2
      port: 8002
      weight: 7
    - name: other
      port: 80
      weight: 0
END

check "stored" 0 '*' '*' -- route http 'rules:
- match: [{path: {type: PathPrefix, value: /x}, method: GET}]
  filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [h]}}]
  backends: {a-v1: 10, a-v2: 90}
- match: [{path: {value: /gone}}]
- filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
hosts: [x.example]
gateway: {create: {}}' --apply
check "a redirect leads nowhere else" 1 '' '' -- \
	bash -c 'sed "1,/RequestRedirect/d" "$1" | grep backendRefs' - "$mesh/shop/httproute-a.yaml"
sed -i 's/^  - matches:$/  - name: kept\n    matches:/; s/port: 8001/port: 81/' "$mesh/shop/httproute-a.yaml"
check "an equal match keeps the rest" 0 '*' 'info: MT2101 HTTPRoute a.shop spec.rules\[1\]: stored rule 2 is removed' -- \
	route http 'rules:
- {existing: 3, filters: false, backends: {other: 1}}
- {match: [{method: GET, path: {value: /x, type: PathPrefix}}], backends: {a-v1: 3}}
hosts: [y.example]
gateway: {create: {}}'
same "no second Gateway" <<'END'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: a
  namespace: shop
  labels:
    kiali_wizard: k8s_request_routing
spec:
  parentRefs:
  - name: a-gateway
    namespace: shop
  hostnames:
  - y.example
  rules:
  - backendRefs:
    - name: other
      port: 80
      weight: 1
  - name: kept
    matches:
    - path:
        type: PathPrefix
        value: /x
      method: GET
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier:
        remove:
        - h
    backendRefs:
    - name: a-v1
      port: 81
      weight: 3
END
check "an empty answer keeps all" 0 'x.example' '*' -- route http ''
check "the gateway goes" 0 '*' '*' -- route http 'gateway: false' --apply
check "with nothing else" 1 '' '' -- grep parentRefs "$mesh/shop/httproute-a.yaml"
check "one change, undone" 0 'undone' '' -- "$meshtop" undo --mesh "$mesh"
check "it is back" 0 'parentRefs' '' -- cat "$mesh/shop/httproute-a.yaml"
check "another one's Gateway" 0 'name: a-gateway' '*' -- route grpc 'gateway: {use: shop/a-gateway}'

while IFS='|' read -r kind message answers; do
	check "refused: $message" 1 '' "^meshtop: $scratch/answers.yaml:1:[0-9]+: error: $message" -- \
		route "$kind" "$answers" --apply
done <<'END'
http|MT0101 trafficPolicy: |trafficPolicy: {}
http|MT0101 rules\[0\].match\[0\].uri: |rules: [{match: [{uri: {exact: /}}]}]
grpc|MT0101 rules\[0\].match\[0\].path: |rules: [{match: [{path: {value: /}}]}]
http|MT0102 rules\[0\].backends: |rules: [{backends: [a]}]
http|MT0103 rules\[0\].backends.a: |rules: [{backends: {a: -1}}]
http|MT0103 rules\[0\].backends: |rules: [{backends: {}}]
http|MT0104 rules\[0\].backends.b: b is no service of namespace shop|rules: [{backends: {b: 1}}]
http|MT0104 rules\[0\].existing: there is no stored rule 9|rules: [{existing: 9}]
http|MT0104 rules\[1\].existing: stored rule 1 is named twice|rules: [{existing: 1}, {existing: 1}]
http|MT0103 rules: |rules: []
http|MT0103 hosts: |hosts: []
http|MT0103 gateway.create.hosts: |gateway: {create: {hosts: []}}
http|MT0103 gateway.create.hosts: |{hosts: [x.example], gateway: {create: {hosts: []}}}
http|MT0103 gateway: |gateway: {}
http|MT0103 gateway.use: create or use|gateway: {create: {}, use: a/b}
http|MT0104 gateway.use: there is no Gateway x/y|gateway: {use: x/y}
http|MT0027 HTTPRoute a.shop spec.rules\[0\].matches\[0\].path.value: |rules: [{match: [{path: {value: x}}]}]
http|MT0022 HTTPRoute a.shop spec.rules\[0\].filters\[0\].urlRewrite: |rules: [{filters: [{type: URLRewrite}]}]
grpc|MT0024 GRPCRoute a.shop spec.rules\[0\].filters\[0\].type: |rules: [{filters: [{type: RequestRedirect}]}]
http|MT0026 HTTPRoute a.shop spec.hostnames\[0\]: |hosts: ["*"]
END
# Whose a route is: by its name, its host, what it is bound to, where it leads.
of() { # NAME SPEC
	printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: %s, namespace: shop}\nspec: %s\n---\n' "$1" "$2"
}
{
	of host '{hostnames: [a.shop.svc.cluster.local]}'
	of bound '{parentRefs: [{kind: Service, group: "", name: a}]}'
	of leads '{rules: [{backendRefs: [{name: a-v1, port: 8001}]}, {backendRefs: [{name: a, port: 8000}]}]}'
	of mixed '{rules: [{backendRefs: [{name: a, port: 8000}, {name: other, port: 80}]}]}'
	of gate '{parentRefs: [{name: a}], hostnames: [x.example]}'
	of far '{parentRefs: [{kind: Service, group: "", name: a, namespace: far}]}'
	of ungrouped '{parentRefs: [{kind: Service, name: a}]}'
} >"$mesh/routes.yaml"
check "all routing is deleted" 0 '' 'delete HTTPRoute a.shop' -- \
	"$meshtop" wizard delete-traffic-routing --mesh "$mesh" --service a.shop
[ "$(grep -Ec 'delete HTTPRoute (a|host|bound|leads).shop$' "$scratch/err")" = 4 ]
report $? "... of four routes" "$scratch/err"
check "... and no others" 0 '' '*' -- \
	"$meshtop" wizard delete-traffic-routing --mesh "$mesh" --service a.shop --apply
check "... which stay" 0 '^shop +mixed$' '' -- "$meshtop" get --mesh "$mesh" httproutes
check "... another namespace's, too" 0 '^shop +far$' '' -- "$meshtop" get --mesh "$mesh" httproutes
check "... with the gateway" 0 'a-gateway' '' -- "$meshtop" get --mesh "$mesh" gateways.gateway.networking.k8s.io

of a '{parentRefs: [{name: a-gateway, namespace: far}, {group: "", kind: Service, name: a, port: 8000, sectionName: s},
  {group: "", kind: Service, name: a, port: 9}], rules: [{backendRefs: [{name: a-v1, namespace: far, port: 9}]}]}' >"$mesh/routes.yaml"
check "references" 0 '*' '*' -- route http 'rules: [{backends: {a-v1: 3}}]
hosts: [x.example]
gateway: {create: {}, includeMesh: true}'
sed -i '1,/^---$/d' "$scratch/out"
same "... of the namespace that they say, with what else they say" <<'END'
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: a
  namespace: shop
  labels:
    kiali_wizard: k8s_request_routing
spec:
  parentRefs:
  - name: a-gateway-1
    namespace: shop
  - group: ""
    kind: Service
    name: a
    port: 8000
    sectionName: s
  - group: ""
    kind: Service
    name: a
    port: 9
  rules:
  - backendRefs:
    - name: a-v1
      port: 8001
      weight: 3
  hostnames:
  - x.example
END
while IFS='|' read -r what hosts names; do
	for stored in '{hostnames: [old.example], rules: [{}]}' ''; do
		rm -f "$mesh/routes.yaml"
		[ -z "$stored" ] || of a "$stored" >"$mesh/routes.yaml"
		check "a Gateway for $what" 0 '*' '*' -- route http "gateway: {create: {hosts: [$hosts]}}"
		sed -n '/^  hostnames:$/,/^  [a-z]/s/^  - //p' "$scratch/out" >"$scratch/names"
		[ "$(paste -sd' ' "$scratch/names")" = "$names" ]
		report $? "... bound to a route${stored:+ that had others}" "$scratch/out"
	done
done <<'END'
hosts|x.example, "*.y.example"|x.example '*.y.example'
any host|"*"|
any host and more|x.example, "*"|
END
cat >"$mesh/entry.yaml" <<'END'
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: shop}
spec: {hosts: [outside.example], resolution: DNS, ports: [{name: http, number: 80, protocol: HTTP}]}
END
check "a ServiceEntry is not led to" 1 '' 'MT0104 rules\[0\].backends.outside: outside is no service of' -- \
	route http 'rules: [{backends: {outside: 1}}]'
for kind in http grpc; do
	check "... nor routed, $kind" 1 '' '^meshtop: entry.yaml:1:1: error: MT0106 ServiceEntry outside.shop kind: ' -- \
		"$meshtop" wizard "k8s-$kind-routing" --mesh "$mesh" --service outside.shop
done
check "kinds are named" 2 '' "unknown kind 'k8s'.*request-routing.*k8s-http-routing, k8s-grpc-routing" -- \
	"$meshtop" wizard k8s --mesh "$mesh" --service a.shop
check "an array" 0 '^\[' '*' -- route http '{}' -o json
check "no forecast" 0 '*' '^meshtop: no forecast: ' -- route http '{}' --forecast
finish
