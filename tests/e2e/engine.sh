# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For the scripts of this folder that need an engine and no platform: a mesh
# of its own on a network of its own, everything gone at the end.
src=${MESHTOP_SRCDIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build=${MESHTOP_BUILDDIR:-$src/build}
crowd=$build/tests/e2e/crowd
tcp=$build/tests/wire/tcp_peer
networks=$build/tests/wire/networks
scratch=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX")
mesh=$scratch/mesh
mkdir -m 700 "$mesh"
pids=()
clean() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 1' INT TERM
for program in "$crowd" "$tcp" "$networks" "$build/meshtop-proxy" "$build/meshtop"; do
	[ -x "$program" ] || { echo "$program is not there: run make check TESTS= first"; exit 1; }
done
# One that no other test has, as long as the pipe to its holder is open.
coproc NETWORKS { "$networks" 1; }
pids+=("$NETWORKS_PID")
read -r net <&"${NETWORKS[0]}" || { echo "no network is free"; exit 1; }
ulimit -n "$(ulimit -Hn)"

doc() { printf -- '---\n%s\n' "$1"; }
# base [VERSION...]: namespaces, the caller 127.0.0.1 and service svc.shop at
# NET.1:8080 with endpoints NET.1N:9001 for the versions
base() {
	local n=0
	doc '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'
	doc '{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}'
	doc '{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: client, namespace: shop}, spec: {address: 127.0.0.1, labels: {app: client}}}'
	doc "{apiVersion: v1, kind: Service, metadata: {name: svc, namespace: shop}, spec: {clusterIP: $net.1, selector: {app: svc}, ports: [{name: http, port: 8080, targetPort: 9001}]}}"
	for _ in "$@"; do
		n=$((n + 1))
		doc "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: svc-v$n, namespace: shop}, spec: {address: $net.1$n, labels: {app: svc, version: v$n}}}"
	done
	doc '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: svc, namespace: shop}, spec: {host: svc, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}'
}
# start_engine [OPTION...]: sets engine; ENGINE_OPTIONS="--workers 3" are more options
start_engine() {
	# shellcheck disable=SC2086
	"$build/meshtop-proxy" "$mesh" "$@" ${ENGINE_OPTIONS:-} >"$scratch/out" 2>"$scratch/errors" &
	engine=$!
	pids+=("$engine")
	for _ in $(seq 200); do
		grep -q '^ready' "$scratch/out" && return 0
		kill -0 "$engine" 2>/dev/null || break
		sleep 0.05
	done
	echo "the engine did not start"
	cat "$scratch/errors"
	exit 1
}
rss_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$engine/status"; }
fds() { find "/proc/$engine/fd" -mindepth 1 | wc -l; }
# field FILE NAME: of a flat JSON object
field() { sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" "$1"; }
# stop_engine: drains it, with a row for how it ended and one for sanitizers
stop_engine() {
	local status
	kill -TERM "$engine"
	wait "$engine"
	status=$?
	row "the engine's exit status" $status 0 0
	row "reports of sanitizers" "$(grep -cE 'Sanitizer|runtime error' "$scratch/errors")" 0 0
}
bad=0
# row WHAT MEASURED LOW HIGH [UNIT]
row() {
	local verdict
	verdict=$(awk -v v="$2" -v l="$3" -v h="$4" 'BEGIN { print ((v ~ /^-?[0-9.]/ && v + 0 >= l + 0 && v + 0 <= h + 0) ? "ok" : "OFF") }')
	[ "$verdict" = ok ] || bad=1
	printf '  %-58s %10.10s   %s..%s %s  %s\n' "$1" "$2" "$3" "$4" "${5-}" "$verdict"
}
