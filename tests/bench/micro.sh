#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/bench/micro.sh PROGRAM RECORDED [--record]: user instructions per
# operation of bench_micro's cases, by callgrind: two counts, the difference.
# Compares with the numbers in the file RECORDED (made by the same kind of
# build) and exits 1 when one is more than 5 % above.  --record rewrites it.
set -euo pipefail
program=$1 recorded=$2 mode=${3:-}
few=2000 many=6000
command -v valgrind >/dev/null || { echo "micro.sh: valgrind is not installed; nothing was measured" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

instructions() {
	valgrind --tool=callgrind --callgrind-out-file="$work/out" -q "$program" "$1" "$2" 2>/dev/null
	sed -n 's/^\(totals\|summary\): //p' "$work/out" | tail -1
}

worse=0
"$program" | while read -r name what; do
	each=$((($(instructions "$name" $many) - $(instructions "$name" $few)) / (many - few)))
	echo "$name $each $what"
done >"$work/now"
printf '%-10s %8s %8s  %s\n' case now recorded operation
while read -r name each what; do
	before=$(awk -v n="$name" '$1 == n { print $2 }' "$recorded" 2>/dev/null || true)
	mark=
	if [ -n "$before" ] && [ $((each * 100)) -gt $((before * 105 + 200)) ]; then
		mark="  <- more than 5 % above"
		worse=1
	fi
	printf '%-10s %8d %8s  %s%s\n' "$name" "$each" "${before:--}" "$what" "$mark"
done <"$work/now"
if [ "$mode" = --record ]; then
	{
		echo "# Instructions per operation, written by make bench-micro-record"
		echo "# ($(date -u +%Y-%m-%d), $(${CC:-gcc} --version | head -1), CFLAGS ${BENCH_CFLAGS:-not told})."
		cat "$work/now"
	} >"$recorded"
	exit 0
fi
exit $worse
