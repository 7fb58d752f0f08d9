#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `meshtop wizard`: documents from answers, refusals, one change when applied.
set -u
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"
demo=${MESHTOP_SRCDIR:-.}/share/demo/travels
mesh=$scratch/mesh
mkdir "$mesh"
cp -r "$demo/base" "$demo"/travels-v[23].yaml "$mesh"
chmod -R u+w "$mesh"
travels=travels.travel-agency

wizard() { "$meshtop" wizard "$@"; }
# lines FILE PATTERN: how many lines match
lines() { grep -Ec -- "$2" "$1"; }
# tree: what the mesh holds, without meshtop's own state
tree() { (cd "$mesh" && find . -path ./.meshtop -prune -o -type f -print | sort | xargs sha256sum); }

cat >"$scratch/three.yaml" <<'END'
rules:
- match: [{headers: {portal: {exact: travels.uk}}}]
  route: {travels-v1: 100}
- match: [{headers: {portal: {exact: viaggi.it}}}]
  route: {travels-v2: 100}
- match: [{headers: {portal: {exact: voyages.fr}}}]
  route: {travels-v3: 100}
END

tree >"$scratch/before"
check "prints what would be stored" 0 "exact: voyages.fr" "MT2103" -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/three.yaml"
[ "$(lines "$scratch/out" '^---$')" = 1 ] && [ "$(lines "$scratch/out" '^kind: (DestinationRule|VirtualService)$')" = 2 ]
report $? "two documents, separated by ---" "$scratch/out"
tree | cmp -s - "$scratch/before"
report $? "without --apply nothing is written"

check "one JSON array" 0 '^\[' '*' -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/three.yaml" -o json
echo 'gateway: {create: {hosts: ["*", a.b]}}' >"$scratch/twice.yaml"
check "hosts of a gateway have their place" 1 '' "^meshtop: $scratch/twice.yaml:1:33: error: MT0030 .* spec.hosts\[1\]: " -- \
	"$meshtop" wizard traffic-shifting --mesh "$mesh" --service $travels --answers "$scratch/twice.yaml"
status=0
wizard request-routing --mesh "$mesh" --service $travels --answers - <"$scratch/three.yaml" >"$scratch/out" 2>"$scratch/err" || status=$?
[ "$status" = 0 ] && grep -q "exact: voyages.fr" "$scratch/out"
report $? "answers from stdin" "$scratch/err"
check "offline, from files" 0 "subset: v3" '*' -- \
	"$meshtop" wizard traffic-shifting -f "$mesh" --service $travels

check "applies as one change" 0 "kind: VirtualService" '*' -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/three.yaml" --apply
"$meshtop" history --mesh "$mesh" >"$scratch/out"
[ "$(lines "$scratch/out" ' wizard ')" = 1 ]
report $? "history has one line by wizard" "$scratch/out"
check "get shows it" 0 "travels.travel-agency.svc.cluster.local" '*' -- \
	"$meshtop" get --mesh "$mesh" virtualservice $travels
tree >"$scratch/after"
check "the same answers again" 0 '*' '*' -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/three.yaml" --apply
tree | cmp -s - "$scratch/after"
report $? "change nothing"
check "without answers nothing changes" 0 "exact: voyages.fr" '*' -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --apply
tree | cmp -s - "$scratch/after"
report $? "not a byte"

printf 'rules:\n- existing: 2\n' >"$scratch/two.yaml"
check "removed rules are rows" 0 "exact: viaggi.it" "MT2101 .*spec.http\[0\].*travels.uk" -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/two.yaml"

printf 'rules:\n- route:\n    travels-v1: 99\n' >"$scratch/bad.yaml"
check "refused answers have a row with file, line and path" 1 '' "bad.yaml:3:5: error: MT0105 rules\[0\].route: " -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/bad.yaml" --apply
printf 'rules: []\nfoo: 1\n' >"$scratch/bad.yaml"
check "so have unknown keys" 1 '' "bad.yaml:2:6: error: MT0101 foo: " -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/bad.yaml" --apply
tree | cmp -s - "$scratch/after"
report $? "refused answers write nothing"

# What only the state or its documents show stands where the answers say it.
while IFS='|' read -r kind answers place; do
	printf '%b' "$answers" >"$scratch/bad.yaml"
	check "$kind: $answers" 1 '' "bad.yaml:$place" -- \
		"$meshtop" wizard "$kind" --mesh "$mesh" --service $travels --answers "$scratch/bad.yaml"
done <<'EOF'
request-routing|gateway: {use: a/b}|1:16: error: MT0104 gateway.use: 
request-routing|gateway: {create: {hosts: []}}|1:27: error: MT0103 gateway.create.hosts: 
request-routing|rules: []|1:8: error: MT0103 rules: 
request-routing|rules:\n- match: [{headers: {a: {exact: x}, A: {exact: y}}}]|2:11: error: MT0103 rules\[0\].match\[0\]: 
request-routing|rules:\n- {}\n- match: [{uri: {exact: /}}]\n  retries: {retryOn: a b}|4:22: error: MT0024 .*spec.http\[1\].retries.retryOn: 
fault-injection|trafficPolicy:\n  tls: {mode: MUTUAL}|2:8: error: MT0103 trafficPolicy.tls.privateKey: 
traffic-shifting|circuitBreaker: {connectionPool: {http2KeepAlive: {}}}|1:51: error: MT0022 .*spec.trafficPolicy.connectionPool.http.http2KeepAlive
EOF

printf 'rules: [\n' >"$scratch/bad.yaml"
check "answers that do not parse" 2 '' "^meshtop: .*bad.yaml:2:1: " -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/bad.yaml"
printf 'a: 1\n---\nb: 2\n' >"$scratch/bad.yaml"
check "two documents of answers" 2 '' "one document" -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/bad.yaml"
check "answers that are not there" 2 '' "no-such-file" -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service $travels --answers "$scratch/no-such-file"
check "an unknown kind" 2 '' "unknown kind 'routing'" -- \
	"$meshtop" wizard routing --mesh "$mesh" --service $travels
check "no service" 2 '' "service" -- "$meshtop" wizard request-routing --mesh "$mesh"
check "a service that is not there" 1 '' "nobody.travel-agency not found" -- \
	"$meshtop" wizard request-routing --mesh "$mesh" --service nobody.travel-agency
check "apply needs a target" 2 '' "target" -- \
	"$meshtop" wizard request-routing --service $travels --apply
check "apply does not write to -f" 2 '' "apply" -- \
	"$meshtop" wizard request-routing -f "$mesh" --service $travels --apply

check "deletions are rows" 0 '' "^meshtop: delete VirtualService $travels$" -- \
	"$meshtop" wizard delete-traffic-routing --mesh "$mesh" --service $travels
check "of each document" 0 '^\[\]$' "delete DestinationRule $travels" -- \
	"$meshtop" wizard delete-traffic-routing --mesh "$mesh" --service $travels -o json --apply
check "they are gone" 1 '*' "not found" -- "$meshtop" get --mesh "$mesh" virtualservice $travels
check "undo brings them back" 0 '*' '*' -- "$meshtop" undo --mesh "$mesh"
check "as they were" 0 "subset: v3" '*' -- "$meshtop" get --mesh "$mesh" virtualservice $travels -o yaml
check "nothing left to delete is no error" 0 '' "nothing to delete" -- \
	"$meshtop" wizard delete-traffic-routing --mesh "$mesh" --service hotels.travel-agency
finish
