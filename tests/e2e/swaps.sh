#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 1,000 configurations and 100 broken ones under 100 connections: no failed,
# doubled or mixed-up answer, memory and descriptors flat.
#   SWAPS=1000
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
swaps=${SWAPS:-1000}

rules() {
	base 1 2
	doc "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: svc, namespace: shop}, spec: {hosts: [svc], http: [{match: [{headers: {portal: {exact: travels.uk}}}], route: [{destination: {host: svc, subset: v$1}}]}, {match: [{uri: {exact: /$2}}], route: [{destination: {host: svc, subset: v1}}]}]}}"
}
swap() {
	rules $(($1 % 2 + 1)) "$1" >"$scratch/next"
	mv "$scratch/next" "$mesh/mesh.yaml"
	if [ $(($1 % 10)) = 0 ]; then echo "a: [$1" >"$mesh/broken.yaml"; else rm -f "$mesh/broken.yaml"; fi
}
rules 1 0 >"$mesh/mesh.yaml"
for n in 1 2; do
	"$crowd" serve "$net.1$n" 9001 "v$n" &
	pids+=($!)
done
start_engine
"$crowd" load "$net.1" 8080 100 $((swaps + 5)) >"$scratch/load" &
load=$!
early=0 early_fds=0
for i in $(seq "$swaps"); do
	swap "$i"
	sleep 0.05
	[ "$i" = $((swaps / 10)) ] && early=$(rss_kib) early_fds=$(fds)
	kill -0 $load 2>/dev/null || break
done
late=$(rss_kib) late_fds=$(fds)
kill -TERM $load
wait $load
echo "$swaps configurations under 100 connections: measured, wanted"
row "configurations written" "$i" "$swaps" "$swaps"
row "requests" "$(field "$scratch/load" requests)" 1000 1e12
row "failed" "$(field "$scratch/load" failed)" 0 0
row "mixed up or doubled" "$(field "$scratch/load" mixed)" 0 0
row "answered by version 1" "$(field "$scratch/load" v1)" 1 1e12
row "answered by version 2" "$(field "$scratch/load" v2)" 1 1e12
row "memory, last to a tenth of the way" "$(awk -v a="$late" -v b="$early" 'BEGIN { printf "%.3f", a / b }')" 0.5 1.1
row "descriptors more than then" "$((late_fds - early_fds))" -300 20
stop_engine
exit $bad
