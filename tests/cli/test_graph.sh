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
for format in text json mermaid; do
	check "figures of the drawing beside $format" 0 '*' '^\{"crossings":0,"layers":[0-9]+,.*"layout_ms":' -- \
		"$meshtop" graph --input "$grouped" -o "$format" --stats
done
check "no frame when none is wanted" 1 '' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --boxes none -o ascii | grep edge"
check "no frame without labels" 1 '' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --boxes namespace --labels none | grep edge"
check "a frame of no kind" 2 '' '^meshtop: --boxes pods: must be none or a list of app, namespace and cluster$' -- \
	"$meshtop" graph --input "$grouped" --boxes pods

# Parts of the graph, and what is marked in it.
check "a star on what is found" 0 '[*]─' '' -- "$meshtop" graph --input "$grouped" --find 'ns = edge'
check "... by a part of its name" 0 '^1$' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --boxes none -o ascii --find gate | grep -c '^[*]-'"
check "what is hidden is not there" 1 '' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --hide 'app = shop' | grep shop-v2"
check "... in no format" 0 '^false$' '' -- \
	sh -c "'$meshtop' graph --input '$grouped' --hide shop-v2 -o json | grep -q shop-v2 || echo false"
check "namespaces in one node each" 0 '(2)' '' -- "$meshtop" graph --input "$grouped" --fold namespace
check "what stands around a node" 0 '[+]1 more' '' -- "$meshtop" graph --input "$grouped" --around shop-v1
check "... further" 0 'shop-v2' '' -- "$meshtop" graph --input "$grouped" --around shop-v1 --hops 2
check "arrows that lead down" 0 'v' '' -- "$meshtop" graph --input "$grouped" --form down -o ascii --labels none
check "arrows that lead right" 0 '>' '' -- "$meshtop" graph --input "$grouped" --form right -o ascii --labels none
check "ranks" 0 '#1' '' -- "$meshtop" graph --input "$grouped" --show ranks
check "lines without more of Unicode" 0 '>' '' -- "$meshtop" graph --input "$grouped" -o light
mkdir -p "$scratch/state/meshtop"
printf 'finds:\n  mine: app = shop\n' >"$scratch/state/meshtop/views.yaml"
check "a saved expression" 1 '' '' -- \
	sh -c "XDG_STATE_HOME='$scratch/state' '$meshtop' graph --input '$grouped' --hide @mine | grep shop"
check "none of that name" 2 '' '^meshtop: --hide: column 1: no expression is saved as @yours' -- \
	env XDG_STATE_HOME="$scratch/state" "$meshtop" graph --input "$grouped" --hide @yours
check "around nothing" 1 '' '^meshtop: --around nobody: there is no such node' -- \
	"$meshtop" graph --input "$grouped" --around nobody
while read -r option value message; do
	check "$option $value" 2 '' "^meshtop: $option.*$message" -- \
		"$meshtop" graph --input "$grouped" "$option" "$value"
done <<END
--show badge must.be.none.or.a.list
--show badges, must.be.none.or.a.list
--traffic tcp:both must.be.a.list
--fold pods must.be.none,.app.or.namespace
--find app= column.5
--hide (name column.6
--form up must.be.auto,.right.or.down
--hops 2 add.--around
--hops 0 a.number.from.1
END

# Nothing to draw is said, and no error.
echo '{"nodes": []}' >"$scratch/empty.json"
check "a graph without nodes" 0 '' "^meshtop: $scratch/empty.json: a graph without nodes$" -- \
	"$meshtop" graph --input "$scratch/empty.json"
check "all is hidden" 0 '' '^meshtop: --hide name \*= p OR name = gate: nothing is left$' -- \
	"$meshtop" graph --input "$grouped" --hide 'name *= p OR name = gate'

mkdir "$scratch/mesh"
check "no namespace's name" 2 '' "^meshtop: -n a,B: 'B' is not a namespace's name$" -- \
	"$meshtop" graph --mesh "$scratch/mesh" -n a,B
check "a moment that is none" 2 '' "^meshtop: --at yesterday: " -- \
	"$meshtop" graph --mesh "$scratch/mesh" --at yesterday
check "a moment that is still to come" 2 '' '^meshtop: --at 9998-12-31T23:59: is still to come' -- \
	"$meshtop" graph --mesh "$scratch/mesh" --at 9998-12-31T23:59

finish
