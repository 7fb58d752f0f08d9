#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# explain of TLS connections: by server name, at sidecars and gateways.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh.yaml
sed 's/@NET@/127.9.9/' "${MESHTOP_SRCDIR:-.}/tests/wire/tls.yaml" >"$mesh"
explain() { # WHAT STATUS STDOUT STDERR FROM URL [OPTION...]
	local what=$1 status=$2 out=$3 err=$4 from=$5
	shift 5
	check "$what" "$status" "$out" "$err" -- "$meshtop" explain -f "$mesh" --from "$from" "$@"
}

explain "the rule that takes it" 0 '^  takes it  svc.shop tls\[1\]$' '' client.shop https://svc:8443/ -H 'host: V1.Example.'
explain "its cluster" 0 '^route +100%  outbound\|8443\|v1\|svc.shop.svc.cluster.local$' '' client.shop https://svc.shop:8443 -H 'host: v1.example'
explain "a narrower name elsewhere" 0 'tls\[0\]: sniHosts wants \*.example, got v1.example, which a narrower match' '' \
	client.shop https://127.9.9.1:8443/ -H 'host: v1.example'
explain "a match settled before" 0 'tls\[4\]: port wants 1, got 8443' '' client.shop https://svc:8443 -H 'host: port.example'
explain "no rule for the name" 0 '^route +100%  PassthroughCluster$' '' client.shop https://svc:8443
explain "an address has no name" 0 'sniHosts wants v1.example, got nothing' '' client.shop https://127.9.9.1:8443
explain "unknown subset" 0 '^outcome  closed, NC$' '' client.shop https://svc:8443 -H 'host: nc.example'
explain "no endpoint" 0 '^outcome  closed, UH$' '' client.shop https://svc:8443 -H 'host: uh.example'
explain "no rules: by address" 0 '^route +100%  outbound\|8443\|\|plain.shop' '' client.shop https://plain:8443
explain "a gateway" 0 '^  takes it  front.shop tls\[0\]$' '' gw.istio-system https://a.front.example:9443
explain "a gateway without a rule" 0 '^outcome  closed, NR$' '' gw.istio-system https://b.front.example:9443
explain "a gateway that would end TLS" 0 '^outcome  closed, UF tls_not_supported$' '' gw.istio-system https://end.example:9443
explain "http:// to a TLS port" 1 '' 'ask for https://' client.shop http://svc:8443/
explain "not a URL" 2 '' "'https:///x' is not a URL" client.shop https:///x
doc() { printf -- '---\n%s\n' "$1"; }
# Shares of weights, errors in the words of gRPC, what a client keeps to itself.
{
	cat "$mesh"
	doc '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}'
	doc '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: shop}, spec: {hosts: [web], http: [{fault: {abort: {percentage: {value: 100}, grpcStatus: NOT_FOUND}}, route: [{destination: {host: web}, weight: 1}, {destination: {host: svc, port: {number: 8443}}, weight: 70000}, {destination: {host: none}, weight: 70000}, {destination: {host: web}, weight: 139999}]}]}}'
} >"$scratch/shares.yaml"
check "a share of weights" 0 '^route    25%  outbound.8443..svc' '' -- "$meshtop" explain -f "$scratch/shares.yaml" --from client.shop 'http://web/#here'
check "a status of gRPC" 0 '"grpcStatus": "NOT_FOUND"' '' -- "$meshtop" explain -f "$scratch/shares.yaml" --from client.shop -o json http://web/
# All that a rule asks for, in words; workloads that no engine has addressed yet.
{
	doc '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}'
	doc '{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop, labels: {app: web}}}'
	doc '{apiVersion: v1, kind: Service, metadata: {name: bare, namespace: shop}, spec: {selector: {app: none}, ports: [{name: http, port: 80}]}}'
	doc '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: web, namespace: shop}, spec: {host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}, http: {http1MaxPendingRequests: 2}}}}}'
	doc '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: shop}, spec: {hosts: [web], http: [{match: [{uri: {prefix: /n}}], retries: {attempts: 0}, route: [{destination: {host: web}}]}, {timeout: 9s, retries: {attempts: 4, perTryTimeout: 2s, retryOn: 5xx}, fault: {delay: {percentage: {value: 12.5}, fixedDelay: 3s}, abort: {percentage: {value: 5}, httpStatus: 418}}, mirror: {host: bare}, mirrorPercentage: {value: 20}, route: [{destination: {host: web}}]}]}}'
} >"$scratch/words.yaml"
while read -r what line; do
	check "$what in words" 0 "^$what +$line$" '' -- "$meshtop" explain -f "$scratch/words.yaml" --from web-0.shop http://web/
done <<'END'
delay 12.5% +3s
abort 5% +418
retries 4 on 5xx, each try within 2s
mirror 20% +outbound.80..bare.shop.svc.cluster.local
limits maxConnections 7, http1MaxPendingRequests 2
outcome the endpoint's answer, - via_upstream
END
check "no retries in words" 0 '^retries +none$' '' -- "$meshtop" explain -f "$scratch/words.yaml" --from web-0.shop http://web/n
check "no workload at all" 0 '^outcome +503 UH no_healthy_upstream$' '' -- "$meshtop" explain -f "$scratch/words.yaml" --from web-0.shop http://bare/
# mTLS as policy, which refuses before anything is sent.
{
	cat "$scratch/words.yaml"
	doc '{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: strict, namespace: shop}, spec: {mtls: {mode: STRICT}}}'
} | sed 's/maxConnections: 7}, http: {http1MaxPendingRequests: 2}}/maxConnections: 7}}, tls: {mode: DISABLE}/' >"$scratch/strict.yaml"
check "refused by mTLS" 0 '^outcome +503 UC upstream_reset_before_response_started.connection_termination.$' '' -- "$meshtop" explain -f "$scratch/strict.yaml" --from web-0.shop http://web/n
check "a gateway's TCP port" 1 '' 'port 9100 of gw.istio-system is TCP' -- sh -c '
	{ cat "$1"; printf "%s\n" "---" "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: tcp, namespace: istio-system}, spec: {servers: [{port: {number: 9100, name: tcp, protocol: TCP}, hosts: [\"*\"]}]}}"; } >"$1.tcp"
	"$2" explain -f "$1.tcp" --from gw.istio-system http://svc:9100/' - "$mesh" "$meshtop"
check "not a method" 2 '' "^meshtop: explain: 'B D' is not a method$" -- "$meshtop" explain -f "$scratch/words.yaml" --from web-0.shop -X 'B D' http://web/
check "not a header's name" 2 '' "^meshtop: explain: 'a b: c' is not 'NAME: VALUE'$" -- "$meshtop" explain -f "$scratch/words.yaml" --from web-0.shop -H 'a b: c' http://web/
# What a Sidecar leaves out.
{
	cat "$mesh"
	doc '{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: {egress: [{hosts: [./svc.shop.svc.cluster.local]}]}}'
	doc '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}'
} >"$scratch/narrow.yaml"
unseen='note +the caller does not see'
check "a service that is not seen" 0 "$unseen plain.shop" '' -- "$meshtop" explain -f "$scratch/narrow.yaml" --from client.shop https://plain:8443
check "an HTTP service that is not seen" 0 "$unseen web.shop" '' -- "$meshtop" explain -f "$scratch/narrow.yaml" --from client.shop http://web/
check "a service that is seen" 0 'takes it  svc.shop tls\[1\]' '' -- "$meshtop" explain -f "$scratch/narrow.yaml" --from client.shop https://svc:8443 -H 'host: v1.example'
check "tls rules are obeyed" 1 '' '*' -- sh -c '"$1" validate -f "$2" | grep MT2110' - "$meshtop" "$mesh"

# Rules that conditions on the caller leave nothing of, and the next ones.
{
	cat "$mesh"
	doc '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}'
	doc '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: some, namespace: shop, creationTimestamp: "2024-01-01T00:00:00Z"}, spec: {hosts: [web], http: [{match: [{sourceNamespace: other}], route: [{destination: {host: web}}]}]}}'
	doc '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: rest, namespace: shop, creationTimestamp: "2025-01-01T00:00:00Z"}, spec: {hosts: [web], http: [{directResponse: {status: 201}}]}}'
} >"$scratch/two.yaml"
check "a VirtualService for other callers" 0 'passes by some.shop http\[0\]: sourceNamespace wants other, got shop' '' -- "$meshtop" explain -f "$scratch/two.yaml" --from client.shop http://web/
check "the next one" 0 'takes it  rest.shop http\[0\]' '' -- "$meshtop" explain -f "$scratch/two.yaml" --from client.shop http://web/
check "a direct answer to a gRPC call" 0 '^outcome  200 - direct_response$' '' -- "$meshtop" explain -f "$scratch/two.yaml" --from client.shop -H 'content-type: application/grpc' http://web/
check "what the DestinationRule asks for in vain" 0 'note +spec.subsets\[0\].trafficPolicy.tunnel: not obeyed' '' -- sh -c '
	{ cat "$1"; printf "%s\n" "---" "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: web, namespace: shop}, spec: {host: web, subsets: [{name: v1, trafficPolicy: {tunnel: {targetHost: a.com, targetPort: 1}}}]}}" \
		"---" "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: shop, creationTimestamp: \"2023-01-01T00:00:00Z\"}, spec: {hosts: [web], http: [{route: [{destination: {host: web, subset: v1}}]}]}}"; } >"$1.tunnel"
	"$2" explain -f "$1.tunnel" --from client.shop http://web/' - "$scratch/two.yaml" "$meshtop"
check "a policy that is not enforced" 0 'note +AuthorizationPolicy deny.istio-system is not enforced' '' -- sh -c '
	{ cat "$1"; printf "%s\n" "---" "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: deny, namespace: istio-system}, spec: {action: DENY}}"; } >"$1.guard"
	"$2" explain -f "$1.guard" --from client.shop http://web/' - "$scratch/two.yaml" "$meshtop"
{
	cat "$scratch/two.yaml"
	doc '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: inside, namespace: shop}, spec: {parentRefs: [{group: "", kind: Service, name: web, port: 80}], rules: [{backendRefs: [{name: web, port: 80}]}]}}'
	doc '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: outside, namespace: shop}, spec: {parentRefs: [{name: gate}], rules: [{backendRefs: [{name: web, port: 80}]}]}}'
} >"$scratch/routes.yaml"
route_notes() { "$meshtop" explain -f "$scratch/routes.yaml" --from "$1" "$2" | grep 'Gateway API' | tr '\n' ' '; }
check "a route of the Gateway API for the service" 0 '^note +HTTPRoute inside.shop of the Gateway API is not obeyed by this version $' '' -- route_notes client.shop http://web/
check "a port that a gateway does not have" 0 '^note +no Gateway has this port' '' -- "$meshtop" explain -f "$scratch/routes.yaml" --from gw.istio-system http://svc:9000/
check "one for a gateway" 0 '^note +HTTPRoute outside.shop of the Gateway API is not obeyed by this version $' '' -- route_notes gw.istio-system http://svc:9000/
# What the request asks for itself.
sed 's/@NET@/127.9.9/' "${MESHTOP_SRCDIR:-.}/tests/wire/asked.yaml" >"$mesh"
ask() { "$meshtop" explain -f "$mesh" -o json --from "$1" "${@:2}" | tr -d ' \n'; }
want=(-H 'x-envoy-retry-on: reset' -H 'x-envoy-max-retries: 7' -H 'x-envoy-upstream-rq-timeout-ms: 2000' -H 'x-envoy-upstream-rq-per-try-timeout-ms: 50')
check "a rule's retries" 0 '"timeout":null,"retries":\{"attempts":5,"default":false,"perTryTimeout":null,"retryOn":"5xx"\}.*"notes":\[\]' '' -- ask client.shop http://svc:8080/5xx
check "retries and timeouts of the request's own" 0 '"timeout":"2s","retries":\{"attempts":7,"default":false,"perTryTimeout":"0.05s","retryOn":"5xx,reset"\}.*"notes":\["timeout' '' -- ask client.shop "${want[@]}" http://svc:8080/5xx
check "nobody asks a gateway" 0 '"timeout":null,"retries":\{"attempts":5,.*"retryOn":"5xx"\}.*"notes":\["thegateway' '' -- ask gw.istio-system "${want[@]}" http://svc.shop.svc.cluster.local:8000/5xx
check "hedging is not there" 0 'note +x-envoy-hedge-on-per-try-timeout is removed' '' -- "$meshtop" explain -f "$mesh" --from client.shop -H 'x-envoy-hedge-on-per-try-timeout: true' http://svc:8080/
# What faults that are certain make of it.
sed 's/@NET@/127.9.9/' "${MESHTOP_SRCDIR:-.}/tests/wire/faults.yaml" >"$mesh"
check "a certain abort" 0 '"outcome":\{"status":418,"flags":\["FI"\],"details":"fault_filter_abort"\}' '' -- ask client.shop http://svc:8080/abort
check "delayed, then aborted" 0 '"outcome":\{"status":503,"flags":\["DI","FI"\],"details":"fault_filter_abort"\}' '' -- ask client.shop http://svc:8080/both
check "as text" 0 '^outcome  503 DI,FI fault_filter_abort$' '' -- "$meshtop" explain -f "$mesh" --from client.shop http://svc:8080/both
check "an abort of gRPC" 0 '"outcome":\{"status":200,"flags":\["FI"\]' '' -- ask client.shop http://svc:8080/grpc
check "an abort of a gRPC call" 0 '"outcome":\{"status":200,"flags":\["FI"\],"details":"fault_filter_abort"\}' '' -- ask client.shop -H 'content-type: application/grpc' http://svc:8080/abort
check "delayed" 0 '"outcome":\{"status":null,"flags":\["DI"\],"details":"via_upstream"\}' '' -- ask client.shop http://svc:8080/delay
check "never aborted" 0 '"outcome":\{"status":null,"flags":\[\],"details":"via_upstream"\}' '' -- ask client.shop http://svc:8080/never

finish
