#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 2,000 heads that never end, 2,000 bodies that stall and 2,000 clients that
# never read, at once: a client that behaves keeps p99 under 100 ms.
#   CROWD=2000 SECONDS_LONG=30
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
many=${CROWD:-2000} seconds=${SECONDS_LONG:-30}
if [ "$(ulimit -n)" -lt $((many * 6)) ]; then
	echo "SKIP: $((many * 6)) descriptors are needed, $(ulimit -n) are allowed"
	exit 77
fi
base 1 2 >"$mesh/mesh.yaml"
# The good client has an endpoint of its own: it is the engine that is judged.
doc "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: svc, namespace: shop}, spec: {hosts: [svc], http: [{match: [{uri: {exact: /big}}, {method: {exact: POST}}], route: [{destination: {host: svc, subset: v1}}]}, {route: [{destination: {host: svc, subset: v2}}]}]}}" >>"$mesh/mesh.yaml"
doc '{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: "defaultConfig: {proxyMetadata: {MESHTOP_REQUEST_HEAD_TIMEOUT: 5s, MESHTOP_REQUEST_BODY_IDLE_TIMEOUT: 5s}}"}}' >>"$mesh/mesh.yaml"
for n in 1 2; do
	"$crowd" serve "$net.1$n" 9001 "v$n" &
	pids+=($!)
done
start_engine
"$crowd" load "$net.1" 8080 4 3 50 >"$scratch/alone"
before=$(rss_kib)
crowds=()
for how in slow-head slow-body no-read; do
	"$crowd" "$how" "$net.1" 8080 "$many" $((seconds + 5)) >"$scratch/$how" &
	crowds+=($!)
done
sleep 4
"$crowd" load "$net.1" 8080 10 "$seconds" 50 >"$scratch/load"
during=$(rss_kib)
wait "${crowds[@]}"
echo "3 x $many bad clients beside one that behaves: measured, wanted"
row "p99 alone" "$(field "$scratch/alone" p99_ms)" 0 100 ms
row "p99 beside them" "$(field "$scratch/load" p99_ms)" 0 100 ms
row "requests" "$(field "$scratch/load" requests)" $((seconds * 45)) $((seconds * 51))
row "failed or mixed up" "$(($(field "$scratch/load" failed) + $(field "$scratch/load" mixed)))" 0 0
for how in slow-head slow-body no-read; do
	row "$how: given up and dialled again" "$(field "$scratch/$how" closed)" "$many" 1e9
done
row "memory for each of them" "$(((during - before) / (3 * many)))" 0 32 KiB
exit $bad
