#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `meshtop graph` of names that try to be syntax: every format stays valid.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

long=$(head -c 102400 /dev/zero | tr '\0' x)
input=$scratch/hostile.json
cat >"$input" <<END
{"nodes": [{"id": "a\"b"}, {"id": "<script>alert(1)</script>"}, {"id": "new\nline"},
 {"id": "ctl\u001b[31m\u0007\u009b"}, {"id": "宽字符"}, {"id": "back\\\\slash\\\\"}, {"id": "end"},
 {"id": "%%{init: {}}%%"}, {"id": "]]>"}, {"id": "rtl\u202eabc\u200b"}, {"id": "$long"}, {"id": ""}],
 "edges": [{"from": "a\"b", "to": "<script>alert(1)</script>", "rate": 1.5},
 {"from": "new\nline", "to": "$long", "protocol": "tcp", "rate": 70},
 {"from": "]]>", "to": "back\\\\slash\\\\"}, {"from": "", "to": "end"}]}
END

for format in text ascii json dot mermaid svg; do
	check "hostile names as $format" 0 '*' '' -- \
		sh -c "'$meshtop' graph --input '$input' -o $format >'$scratch/out.$format'"
	check "... no control characters" 1 '' '' -- \
		env LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$scratch/out.$format"
	check "... no direction overrides" 1 '' '' -- \
		grep -q "$(printf '\342\200\256')" "$scratch/out.$format"
done
check "ASCII is ASCII, but for names" 1 '' '' -- \
	env LC_ALL=C grep -q "$(printf '\342\224')" "$scratch/out.ascii"
check "names in Mermaid are quoted" 0 '^1$' '' -- grep -c 'a#quot;b' "$scratch/out.mermaid"
check "no markup in SVG" 1 '' '' -- grep -q '<script' "$scratch/out.svg"

# With the readers of others, where they are.
for reader in "xmllint --huge --noout $scratch/out.svg" "dot -Tsvg -o $scratch/dot.svg $scratch/out.dot" \
	"jq -e '.nodes|length == 12' $scratch/out.json"; do
	if command -v "${reader%% *}" >"$scratch/which"; then
		check "read by ${reader%% *}" 0 '*' '*' -- sh -c "$reader"
	fi
done

# Frames around namespaces and apps: by default where there is room.
grouped=$scratch/grouped.json
cat >"$grouped" <<END
{"nodes": [{"id": "gate", "namespace": "edge"}, {"id": "shop-v1", "namespace": "store", "app": "shop"},
 {"id": "shop-v2", "namespace": "sto\u001bre", "app": "shop"}],
 "edges": [{"from": "gate", "to": "shop-v1", "rate": 1}, {"from": "gate", "to": "shop-v2", "rate": 1}]}
END
check "a frame around a namespace" 0 ' edge ' '' -- "$meshtop" graph --input "$grouped" --boxes namespace
check "no frame when none is wanted" 1 '' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --boxes none -o ascii | grep edge"
check "no frame without labels" 1 '' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --boxes namespace --labels none | grep edge"
check "a frame of no kind" 2 '' '^meshtop: --boxes pods: must be none or a list of app, namespace and cluster$' -- \
	"$meshtop" graph --input "$grouped" --boxes pods

mkdir "$scratch/mesh"
check "a moment that is none" 2 '' "^meshtop: --at yesterday: " -- \
	"$meshtop" graph --mesh "$scratch/mesh" --at yesterday
check "a moment that is still to come" 2 '' '^meshtop: --at 9998-12-31T23:59: is still to come' -- \
	"$meshtop" graph --mesh "$scratch/mesh" --at 9998-12-31T23:59

finish
