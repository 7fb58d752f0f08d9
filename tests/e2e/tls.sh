#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# OpenSSL and curl through the engine: which server's certificate comes back
# for which name, versions, large transfers, many at once, a gateway.
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
for tool in openssl curl sha256sum; do
	command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done

# mesh_of: svc.shop with TLS at NET.1:8443, a gateway at NET.30:9443
mesh_of() {
	base 1 2 | sed 's/name: http, port: 8080/name: tls, port: 8443/'
	doc "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: gw, namespace: istio-system, annotations: {meshtop.io/role: gateway}}, spec: {address: $net.30, labels: {istio: gw}}}"
	doc '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: front, namespace: shop}, spec: {selector: {istio: gw}, servers: [{port: {number: 9443, name: tls, protocol: TLS}, hosts: ["*.example"], tls: {mode: PASSTHROUGH}}]}}'
	doc '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: svc, namespace: shop}, spec: {hosts: [svc, "*.example"], gateways: [mesh, front], tls: [
		{match: [{sniHosts: [v1.example]}], route: [{destination: {host: svc, subset: v1, port: {number: 8443}}}]},
		{match: [{sniHosts: ["*.v2.example"]}], route: [{destination: {host: svc, subset: v2, port: {number: 8443}}}]}]}}'
}
# serve VERSION: a server whose certificate says so
serve() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=server-v$1" \
		-addext 'subjectAltName=DNS:v1.example,DNS:*.v2.example' -keyout "$scratch/v$1.key" -out "$scratch/v$1.crt" 2>/dev/null
	(cd "$scratch/www" && exec openssl s_server -quiet -WWW -accept "$net.1$1:9001" -cert "$scratch/v$1.crt" -key "$scratch/v$1.key") >/dev/null 2>&1 &
	pids+=("$!")
}
# who ADDRESS:PORT [OPTION...]: the certificate's subject, or "none"
who() {
	local to=$1
	shift
	{ timeout 10 openssl s_client -connect "$to" "$@" </dev/null 2>/dev/null; } |
		openssl x509 -noout -subject 2>/dev/null | sed 's/.*CN *= *server-//' | grep . || echo none
}
# get NAME ADDRESS:PORT FILE: over TLS, the certificate not judged
get() { curl -sk -m 30 --connect-to "$1:443:$2" "https://$1/$3"; }
same() { [ "$1" = "$2" ] && echo 1 || echo 0; }

mkdir "$scratch/www"
head -c 20000000 /dev/urandom >"$scratch/www/large"
echo small >"$scratch/www/small"
mesh_of >"$mesh/mesh.yaml"
serve 1
serve 2
start_engine --access-log "$scratch/log" --access-log-encoding JSON
for i in $(seq 100); do
	[ "$(who "$net.11:9001") $(who "$net.12:9001")" = "v1 v2" ] && break
	sleep 0.1
done
echo "TLS by server name, OpenSSL at both ends: measured, wanted"
row "exact name" "$(same "$(who "$net.1:8443" -servername v1.example)" v1)" 1 1
row "other case" "$(same "$(who "$net.1:8443" -servername V1.Example)" v1)" 1 1
row "wildcard" "$(same "$(who "$net.1:8443" -servername a.b.v2.example)" v2)" 1 1
for version in tls1_2 tls1_3; do
	row "$version" "$(same "$(who "$net.1:8443" -$version -servername v1.example)" v1)" 1 1
done
row "with ALPN" "$(same "$(who "$net.1:8443" -alpn h2,http/1.1 -servername v1.example)" v1)" 1 1
row "no name: to where it was going" "$(who "$net.1:8443" -noservername | grep -c 'v[12]')" 1 1
row "no rule: to where it was going" "$(who "$net.1:8443" -servername other.example | grep -c 'v[12]')" 1 1
row "gateway, exact name" "$(same "$(who "$net.30:9443" -servername v1.example)" v1)" 1 1
row "gateway, wildcard" "$(same "$(who "$net.30:9443" -servername x.v2.example)" v2)" 1 1
row "gateway, no rule" "$(same "$(who "$net.30:9443" -servername other.example)" none)" 1 1
row "gateway, no name" "$(same "$(who "$net.30:9443" -noservername)" none)" 1 1
row "20 MB through the sidecar" "$(same "$(get v1.example "$net.1:8443" large | sha256sum)" "$(sha256sum <"$scratch/www/large")")" 1 1
row "20 MB through the gateway" "$(same "$(get x.v2.example "$net.30:9443" large | sha256sum)" "$(sha256sum <"$scratch/www/large")")" 1 1
for i in $(seq 100); do
	get "n$i.v2.example" "$net.1:8443" small &
	callers[i]=$!
	[ $((i % 10)) != 0 ] || wait "${callers[@]: -10}"
done >"$scratch/many"
wait "${callers[@]}"
row "100 connections, ten at once" "$(grep -c small "$scratch/many")" 100 100
sleep 1.2
row "each with its name in the log" "$(grep -c '"requested_server_name":"n[0-9]*.v2.example".*"response_flags":"-"\|"response_flags":"-".*"requested_server_name":"n[0-9]*.v2.example"' "$scratch/log")" 100 100
row "refused by the gateway in the log" "$(grep '"proxy":"gw.istio-system"' "$scratch/log" | grep -c '"response_flags":"NR"')" 2 2
exit $bad
