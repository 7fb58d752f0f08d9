#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A writer is killed 500 times at random: no file is torn, nothing that was
# reported written is missing, no temporary file stays.
#   KILLS=500
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
kills=${KILLS:-500}
torn=0 lost=0 saved=0 last=0

# documents GENERATION: two objects in two files, of a size that varies
documents() {
	local pad
	pad=$(head -c $((RANDOM * 4)) /dev/zero | tr '\0' x)
	for name in one two; do
		doc "{apiVersion: v1, kind: ConfigMap, metadata: {name: $name, namespace: shop}, data: {generation: \"$1\", pad: \"$pad\", end: \"$1\"}}"
	done
}
# generation NAME: as stored, "torn" when it is not whole
generation() {
	"$build/meshtop" get --mesh "$mesh" configmap "$1.shop" -o json 2>/dev/null |
		jq -r 'if .data.generation == .data.end then .data.generation else "torn" end' 2>/dev/null || echo torn
}
command -v jq >/dev/null || { echo "SKIP: jq is needed"; exit 77; }
base 1 >"$mesh/mesh.yaml"
documents 0 >"$scratch/new.yaml"
"$build/meshtop" apply --mesh "$mesh" -f "$scratch/new.yaml" >/dev/null || exit 1
for i in $(seq "$kills"); do
	documents "$i" >"$scratch/new.yaml"
	"$build/meshtop" apply --mesh "$mesh" -f "$scratch/new.yaml" >/dev/null 2>&1 &
	writer=$!
	sleep "0.0$(printf %02d $((RANDOM % 30)))"
	kill -KILL $writer 2>/dev/null
	wait $writer 2>/dev/null
	status=$?
	one=$(generation one) two=$(generation two)
	[ "$one" = "$two" ] && [ "$one" != torn ] && { [ "$one" = "$i" ] || [ "$one" = "$last" ]; } || {
		torn=$((torn + 1))
		echo "  round $i: $one and $two after $last"
	}
	if [ $status = 0 ]; then
		saved=$((saved + 1))
		[ "$one" = "$i" ] || lost=$((lost + 1))
	fi
	last=$one
done 2>/dev/null
"$build/meshtop" apply --mesh "$mesh" -f "$scratch/new.yaml" >/dev/null || bad=1
left=$(find "$mesh" -path '*/pending/*' -o -name '*.tmp*' -o -name '.meshtop-*' -type f | wc -l)
echo "$kills kills of a writer: measured, wanted"
row "torn or half written" $torn 0 0
row "reported written, and missing" $lost 0 0
row "writers that ended before they were killed" $saved 1 "$kills"
row "temporary files left" "$left" 0 0
exit $bad
