#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Words of the command line: help, version, usage errors, targets.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh
mkdir "$mesh"

check "version" 0 '^meshtop [0-9]+\.[0-9]+\.[0-9]+$' '' -- "$meshtop" --version
check "help names the man page" 0 'meshtop\(1\)' '' -- "$meshtop" --help
for command in demo open apply delete get history undo validate request; do
	check "help of $command" 0 'meshtop\(1\)' '' -- "$meshtop" "$command" --help
done
check "version of a command" 0 '^meshtop [0-9]' '' -- "$meshtop" get --version
check "a demo without a terminal" 2 '' '^meshtop: .*terminal' -- \
	"$meshtop" demo --mesh "$scratch/demo"
check "... makes nothing" 1 '' '' -- test -e "$scratch/demo"
check "a console without a terminal" 2 '' '^meshtop: .*terminal' -- "$meshtop"
check "unknown command" 2 '' "^meshtop: .*'bogus'" -- "$meshtop" bogus
check "unknown option" 2 '' "^meshtop: .*'--bogus'" -- "$meshtop" get --bogus vs
check "unknown letter" 2 '' "^meshtop: .*'-z'" -- "$meshtop" get -z vs
check "missing value" 2 '' "^meshtop: .*'--mesh'" -- "$meshtop" get vs --mesh
check "value for a switch" 2 '' "^meshtop: .*'--demo=x'" -- "$meshtop" get vs --demo=x
check "too many words" 2 '' "^meshtop: .*'c'" -- "$meshtop" get --mesh "$mesh" vs b.a c
check "empty word" 2 '' "^meshtop: .*''" -- "$meshtop" get --mesh "$mesh" vs ''
check "missing word" 2 '' '^meshtop: .*KIND' -- "$meshtop" get --mesh "$mesh"
check "unknown kind" 2 '' "^meshtop: .*'gizmo'" -- "$meshtop" get --mesh "$mesh" gizmo
check "bad form" 2 '' "^meshtop: .*'xml'" -- "$meshtop" get --mesh "$mesh" vs -o xml
check "bad namespace" 2 '' "^meshtop: .*'A b'" -- "$meshtop" get --mesh "$mesh" vs -n 'A b'
check "two targets" 2 '' '^meshtop: .*one target' -- "$meshtop" get --mesh "$mesh" --demo vs
check "the same target twice" 2 '' '^meshtop: .*one target' -- \
	"$meshtop" get --mesh "$mesh" --mesh "$mesh" vs
check "a namespace for --from" 1 '' '--from a: there is no such workload' -- \
	"$meshtop" explain --mesh "$mesh" -n b --from a http://c/
for command in "apply -f x" "delete vs a.b" "undo" "request --from a.b http://c"; do
	# shellcheck disable=SC2086
	check "${command%% *} demands a target" 2 '' '^meshtop: .*target' -- "$meshtop" $command
done
check "no cluster mode yet" 3 '' '^meshtop: --context x: .*cluster' -- "$meshtop" get --context x vs
check "nor in the console" 3 '' '^meshtop: --context x: .*cluster' -- "$meshtop" --context x
check "the console of a directory" 2 '' '^meshtop: --mesh: .*meshtop open DIR' -- "$meshtop" --mesh "$mesh"
for window in 30d 2h30m 1.5h 90; do
	check "a window of $window" 3 '' '^meshtop: .*engine' -- "$meshtop" graph --mesh "$mesh" --since "$window"
done
check "no target, no kubeconfig" 3 '' '^meshtop: .*--mesh' -- "$meshtop" get vs
check "a directory that is not there" 3 '' "^meshtop: .*$mesh/none" -- \
	"$meshtop" get --mesh "$mesh/none" vs
check "no demo yet" 3 '' '^meshtop: .*meshtop demo' -- "$meshtop" get --demo vs
check "no engine" 3 '' '^meshtop: no engine' -- \
	"$meshtop" request --mesh "$mesh" --from a.b http://c/
printf 'Set Target context:x\nEscape\n' >"$scratch/cluster.tape"
check "a tape for a cluster" 3 '' '^meshtop: .*context:x' -- \
	"$meshtop" replay --headless "$scratch/cluster.tape"
printf 'Escape\nApply none.yaml\n' >"$scratch/apply.tape"
check "a tape with a missing file" 2 '' '^meshtop: .*apply.tape:2:1: .*none.yaml' -- \
	"$meshtop" replay --mesh "$mesh" --headless "$scratch/apply.tape"
check "a tape's target that is not there" 3 '' "^meshtop: cannot open mesh directory $scratch/none: No such" -- \
	"$meshtop" replay --mesh "$scratch/none" --headless "$scratch/cluster.tape"
check "a tape for the demo that is not there" 3 '' '^meshtop: there is no demo at ' -- \
	"$meshtop" replay --demo --headless "$scratch/cluster.tape"
printf '\357\273\277Escape\r\nBogus\r\n' >"$scratch/mark.tape"
check "a byte order mark in a tape" 2 '' '^meshtop: .*mark.tape:2:1: Bogus is not a command' -- \
	"$meshtop" replay --headless "$scratch/mark.tape"
check "not http" 2 '' "^meshtop: .*'https://c'" -- \
	"$meshtop" request --mesh "$mesh" --from a.b https://c
check "not a header" 2 '' "^meshtop: .*'nonsense'" -- \
	"$meshtop" request --mesh "$mesh" --from a.b -H nonsense http://c
check "nor is this" 2 '' "^meshtop: undo: N must be .*'[+]1'" -- "$meshtop" undo --mesh "$mesh" +1
check "not a number" 2 '' "^meshtop: .*'two'" -- "$meshtop" undo --mesh "$mesh" two
check "options before the command" 2 '' "^meshtop: get: unknown option '--pace'" -- \
	"$meshtop" -n a --mesh="$mesh" --pace get get vs
check "... are those of the command" 0 '' '^meshtop: no VirtualService found' -- \
	"$meshtop" --mesh "$mesh" -nshop -o text get vs
check "... and no command is an option's value" 2 '' "^meshtop: console: unexpected word 'vs'" -- \
	"$meshtop" --mesh get vs
check "no file" 2 '' "^meshtop: '' is no file" -- "$meshtop" validate -f ''
check "no directory" 2 '' "^meshtop: get: --mesh ''" -- "$meshtop" get vs --mesh ''
check "options behind operands, -- ends them" 0 '' '' -- \
	"$meshtop" get svc --mesh "$mesh" -o yaml --
check "one line each" 0 '^1$' '' -- sh -c "'$meshtop' bogus 2>&1 | grep -c ."
engine=${meshtop%/meshtop}/meshtop-proxy
check "an engine without a directory" 2 '' '^meshtop-proxy: a mesh directory is missing' -- "$engine"
check "an access log that cannot be written" 2 '' "^meshtop-proxy: access log $scratch/no/log: No such" -- \
	"$engine" "$mesh" --access-log "$scratch/no/log"
for admin in 127.0.0.1 '[::1]' ::1:0 unix:/tmp/x; do
	check "no ADDR:PORT: $admin" 2 '' '^meshtop-proxy: admin address: .* is not ADDR:PORT$' -- "$engine" "$mesh" --admin "$admin"
done
check "any port is told" 0 '^ready$' '*' -- bash -c '
	mkdir -m 700 "$2" && exec 7< <(exec "$1" "$2" --admin 127.0.0.1:0 2>"$3") && engine=$! &&
	read -r line <&7 && echo "$line" && grep -Eq "^meshtop-proxy: admin pages at http://127.0.0.1:[1-9][0-9]*/$" "$3" &&
	kill "$engine" && wait "$engine"' - "$engine" "$scratch/any-port" "$scratch/any-port.err"
# The engine's reader sees no end before the engine's; at first there may be none yet.
check "an access log in a pipe" 0 '^ready$' '*' -- bash -c '
	mkfifo "$2" && mkdir -m 700 "$3" && { { cat "$2"; echo ended; } >"$4" & } && reader=$!
	for _ in $(seq 500); do
		exec 7< <(exec "$1" "$3" --access-log "$2") && engine=$!
		read -r line <&7 && break
	done
	echo "$line" && [ ! -s "$4" ] && kill "$engine" && wait "$engine" && wait "$reader" &&
	[ "$(cat "$4")" = ended ]' - "$engine" "$scratch/log-pipe" "$scratch/piped" "$scratch/read"
check "a reader that has gone" 141 '' '' -- bash -c 'mkfifo "$2" && { : <"$2" & } &&
	exec 4>"$2" && wait && exec "$1" --help >&4' - "$meshtop" "$scratch/pipe"
check "a full disk behind stdout" 2 '*' '^meshtop: .*stdout' -- \
	sh -c "'$meshtop' --help >/dev/full"
finish
