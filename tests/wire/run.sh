#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/wire/run.sh [NAME.vtc ...]: client, engine and upstream in one script.
#
# Each NAME.vtc (varnishtest's language) has its mesh in NAME.yaml beside it.
# For each a mesh directory of its own is made, meshtop-proxy is started on it
# and the script is run; the engine must then drain, exit 0 and have said
# nothing that a sanitizer would say.  Output is TAP.  `make check` runs each
# script as a test of its own, several at once.
#
# In NAME.yaml @NET@ stands for the first three numbers of a network of the
# test's own (127.33.7, see networks.c): services at @NET@.1 upwards.  A line "# engine: OPTIONS"
# gives options for the engine (several such lines: the script is run once with each), "# under: COMMAND"
# a command to run it under.  varnishtest's clients come from 127.0.0.1.
# WIRE_OPTIONS in the environment gives options for all (--workers 3) that say nothing else.
# Macros in NAME.vtc:
#   ${net}      that network          ${svc_addr}  ${net}.1
#   ${mesh}     the mesh directory    ${log}       access log (JSON lines)
#   ${errors}   the engine's stderr   ${pid}       its process
#   ${admin}    its admin socket      ${tcp}       tcp_peer (see tcp_peer.c)
#   ${raw}      raw_http (see raw_http.c)
#   ${crowd}    crowd (see crowd.c)
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${MESHTOP_BUILDDIR:-$PWD}
proxy=${MESHTOP_PROXY:-$build/meshtop-proxy}
tcp=$build/tests/wire/tcp_peer
raw=$build/tests/wire/raw_http
crowd=$build/tests/wire/crowd
work=$(mktemp -d "${TMPDIR:-/tmp}/wire.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then tests=("$@"); else tests=("$here"/*.vtc); fi
if ! command -v varnishtest >/dev/null; then
	echo "1..0 # SKIP varnishtest is not installed"
	exit 0
fi
[ -x "$proxy" ] || { echo "Bail out! $proxy is not there"; exit 1; }

# start NAME NET FILE OPTIONS: the engine on $work/NAME; sets pid.
start() {
	local dir=$work/$1 options=$4 under
	rm -rf "$dir"
	mkdir -p "$dir/mesh" && chmod 700 "$dir" "$dir/mesh"
	sed "s/@NET@/$2/g" "${3%.vtc}.yaml" >"$dir/mesh/mesh.yaml"
	under=$(sed -n 's/^# under: //p' "$dir/mesh/mesh.yaml")
	: >"$dir/log"
	# shellcheck disable=SC2086
	$under "$proxy" "$dir/mesh" --access-log "$dir/log" --access-log-encoding JSON ${WIRE_OPTIONS:-} $options \
		>"$dir/out" 2>"$dir/errors" &
	pid=$!
	for _ in $(seq 400); do
		grep -q '^ready' "$dir/out" && return 0
		kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

# finish NAME: drains the engine; 1 when it did not end well.
finish() {
	local dir=$work/$1 status
	kill -TERM "$pid" 2>/dev/null
	for _ in $(seq 300); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null
	wait "$pid"
	status=$?
	[ "$status" = 0 ] || echo "the engine ended with status $status"
	! grep -E 'Sanitizer|runtime error|assert' "$dir/errors" && [ "$status" = 0 ]
}

# run_with OPTIONS NAME NET FILE
run_with() {
	local options=$1 name=$2 net=$3 file=$4 dir=$work/$2
	if ! start "$name" "$net" "$file" "$options"; then
		echo "the engine did not start ($options)"
		cat "$dir/errors"
		return 1
	fi
	varnishtest -b 40M -t 60 -k -D net="$net" -D svc_addr="$net.1" -D mesh="$dir/mesh" \
		-D log="$dir/log" -D errors="$dir/errors" -D pid="$pid" \
		-D admin="$dir/mesh/.meshtop/admin.sock" -D here="$here" -D tcp="$tcp" -D raw="$raw" -D crowd="$crowd" "$file" >"$dir/vtc" 2>&1
	local status=$?
	finish "$name" || status=1
	[ "$status" = 0 ] || { echo "with: $options"; grep -a '^----' "$dir/vtc"; tail -60 "$dir/vtc"; cat "$dir/errors"; }
	return "$status"
}

run_one() {
	local options all
	mapfile -t all < <(sed -n 's/^# engine: *//p' "${3%.vtc}.yaml")
	for options in "${all[@]:-}"; do
		run_with "$options" "$@" || return 1
	done
}

coproc NETWORKS { "$build/tests/wire/networks" ${#tests[@]}; }
echo "1..${#tests[@]}"
number=0 failed=0
for file in "${tests[@]}"; do
	number=$((number + 1))
	name=$(basename "$file" .vtc)
	read -r net <&"${NETWORKS[0]}" || { echo "Bail out! no network is free"; exit 1; }
	if run_one "$name" "$net" "$file" >"$work/said" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$work/said"
		failed=1
	fi
done
exit $failed
