#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/bench/bench.sh SRCDIR: the engine beside haproxy, nginx and a bare
# relay, with the harness in ../shared/bench beside the source tree (or
# BENCH_DIR).  Prints one table a scenario and writes
# SRCDIR/tests/bench/RESULTS.md, with what was promised (gates.txt) and what
# of it was kept (verdict.awk) at its top.  BENCH_PROXIES, BENCH_SCENARIOS and
# BENCH_OPTIONS ("--reps 9") change what is run.  Needs root and two CPUs.
set -uo pipefail
src=$(cd "$1" && pwd)
harness=${BENCH_DIR:-$src/../shared/bench}
scenarios=${BENCH_SCENARIOS:-a,b,c,d,e,g,h,i,j,lat}
options=${BENCH_OPTIONS:---reps 9}
out=${BENCH_OUT:-$src/tests/bench/RESULTS.md}
missing=

[ -x "$harness/bench.sh" ] || { echo "bench: $harness/bench.sh is not there; set BENCH_DIR" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "bench: needs root, for a network namespace of its own" >&2; exit 1; }
[ -x ./meshtop-proxy ] || { echo "bench: ./meshtop-proxy is not built" >&2; exit 1; }
proxies=meshtop
for p in haproxy nginx; do
	if command -v $p >/dev/null; then proxies=$proxies,$p; else missing="$missing $p"; fi
done
if command -v nginx >/dev/null && [ ! -e /usr/lib/nginx/modules/ngx_stream_module.so ] &&
   [[ ",$scenarios," == *,g,* ]]; then
	missing="$missing libnginx-mod-stream(scenario g)"
	no_stream=1
fi
proxies=${BENCH_PROXIES:-$proxies,relay}
[ -z "$missing" ] || echo "bench: not installed, so not compared:$missing" >&2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$work/table
start=$(date -u '+%Y-%m-%d %H:%M UTC')
load=$(cut -d' ' -f1-3 /proc/loadavg)
IFS=, read -ra each <<<"$scenarios"
for s in "${each[@]}"; do
	p=$proxies
	[ "$s" = g ] && [ -n "${no_stream:-}" ] && p=${p/,nginx/}
	# shellcheck disable=SC2086
	MESHTOP_BIN=$PWD/meshtop-proxy "$harness/bench.sh" "$p" "$s" $options --out "$work/rounds" 2>&1 |
		tee -a "$table"
done
echo >>"$table"
echo "resident memory (KiB) with 0, 1000 and 9900 idle connections:" | tee -a "$table"
MESHTOP_BIN=$PWD/meshtop-proxy "$harness/bench.sh" "${proxies/,relay/}" a --mode idle 2>&1 |
	tee "$work/idle" | tee -a "$table"
touch "$work/rounds"
awk -f "$src/tests/bench/verdict.awk" "$src/tests/bench/gates.txt" "$work/rounds" "$work/idle" >"$work/verdict"
cat "$work/verdict"
{
	echo "# Results of the last \`make bench\`"
	echo
	echo "- command: \`make bench BENCH_SCENARIOS=$scenarios BENCH_OPTIONS=\"$options\"\`"
	echo "- when: $start to $(date -u '+%H:%M UTC'); load before: $load; after: $(cut -d' ' -f1-3 /proc/loadavg)"
	echo "- source: $(git -C "$src" describe --always --dirty 2>/dev/null || echo 'not a git tree'); CFLAGS ${BENCH_CFLAGS:-not told}"
	echo "- machine: $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), Linux $(uname -r)"
	echo "- peers: $(haproxy -v 2>/dev/null | head -1); $(nginx -v 2>&1)"
	[ -z "$missing" ] || echo "- missing:$missing"
	[ -z "${BENCH_NOTE:-}" ] || echo "- note: $BENCH_NOTE"
	echo
	echo "Ratios are medians of the rounds' own ratios; rounds in which other programs had more than 10 % of the"
	echo "proxy's CPU are dropped (\`all\`: with them). gates.txt says what is promised."
	echo
	cat "$work/verdict"
	echo
	echo "Compare \`cpu us/req\` inside one table only: medians of all rounds. \`frgn\` is what other programs took of"
	echo "the proxy's CPU; p99 of a crowded machine says nothing."
	echo
	echo '```'
	cat "$table"
	echo '```'
} >"$out"
echo "bench: written to $out"
