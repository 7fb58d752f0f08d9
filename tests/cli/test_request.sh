#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# request, get and changes while the demo runs.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh
exec 3< <("$meshtop" demo --headless --mesh "$mesh" 2>"$scratch/demo.err")
demo=$!
trap 'kill "$demo" 2>/dev/null; rm -rf "$scratch"' EXIT
if ! read -r -t 30 ready <&3; then
	echo "Bail out! the demo did not become ready: $(cat "$scratch/demo.err")"
	exit 1
fi
report "$([[ $ready == *'"event":"ready"'*'"travels.travel-agency"'* ]]; echo $?)" "the demo is ready"

# What it says beside the one line that it should.
second_engine() {
	local status
	"${meshtop%/meshtop}/meshtop-proxy" "$mesh" 2>"$scratch/second"
	status=$?
	grep -v 'is served by another engine$' "$scratch/second" >&2
	return $status
}
ask() {
	"$meshtop" request --mesh "$mesh" --from voyages.travel-portal "$@"
}
url=http://travels.travel-agency:8000/travels/Amsterdam

check "an answer" 0 '^status +200' '' -- ask "$url"
check "its body" 0 '"city":"Amsterdam"' '' -- ask "$url"
check "as json" 0 '"service": "travels' '' -- ask -o json "$url"
check "where it went" 0 '"cluster": "outbound\|8000\|\|travels.travel-agency.svc.cluster.local"' '' \
	-- ask -o json "$url"
check "a host in capitals" 0 '^status +200' '' -- ask "HTTP://Travels.TRAVEL-agency:8000/travels/Amsterdam"
check "a namespace that is not there" 0 '*' '^meshtop: graph: there is no namespace nosuch, nor$' -- \
	"$meshtop" graph --mesh "$mesh" -n nosuch,travel-portal,nor
check "... and nothing else" 0 '' '^meshtop: graph: there is no namespace nosuch$' -- \
	"$meshtop" graph --mesh "$mesh" -n nosuch
check "a service of TCP" 1 '' '^meshtop: no answer from .*: what answered does not speak HTTP$' -- ask http://mysqldb.travel-agency:3306/
check "no rule" 0 '"rule": null' '' -- ask "$url" -o json
check "an unknown workload" 1 '' '^meshtop: --from nobody.x: ' -- \
	"$meshtop" request --mesh "$mesh" --from nobody.x "$url"
check "a port that is not there" 1 '' '^meshtop: travels.travel-agency has no port 81' -- \
	ask http://travels.travel-agency:81/
check "effective addresses" 0 'clusterIP: "?127\.' '' -- \
	"$meshtop" get --mesh "$mesh" svc travels.travel-agency -o yaml
check "addresses of pods" 0 '"podIP": "127\.' '' -- \
	"$meshtop" get --mesh "$mesh" pods -n travel-portal -o json

check "a second engine says one thing" 1 '' '' -- second_engine
cat >"$scratch/vs.yaml" <<'END'
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: travels, namespace: travel-agency}
spec:
  hosts: [travels.travel-agency.svc.cluster.local]
  http:
  - match:
    - headers: {portal: {exact: x}}
    directResponse: {status: 418}
  - route:
    - destination: {host: travels.travel-agency.svc.cluster.local}
END
# The engine may take 200 ms; a test must not measure, so it asks until it sees.
until_status() {
	local want=$1 end=$((SECONDS + 20))
	shift
	while [ "$SECONDS" -lt "$end" ]; do
		"$@" >"$scratch/answer" 2>&1
		grep -q "^status  *$want" "$scratch/answer" && return 0
	done
	cat "$scratch/answer"
	return 1
}
check "a rule is applied" 0 'created' '*' -- "$meshtop" apply --mesh "$mesh" -f "$scratch/vs.yaml"
check "and obeyed" 0 -- until_status 418 ask -H 'portal: x' "$url"
check "the rule is named" 0 '^rule +VirtualService travels.travel-agency http\[0\]' '' -- \
	ask -H 'portal: x' "$url"
check "others go on" 0 '^status +200' '' -- ask -H 'portal: y' "$url"
check "and is taken back" 0 'undone' '' -- "$meshtop" undo --mesh "$mesh"
check "without effect then" 0 -- until_status 200 ask -H 'portal: x' "$url"
echo 'not: [yaml' >"$mesh/travel-agency.yaml"
check "a broken file changes nothing" 0 '^status +200' '' -- ask "$url"

# The engine is started again, once within a minute; each is an event.
children=/proc/$demo/task/$demo/children
kill_engine() { # a new one has its name only once it is executed
	local child end=$((SECONDS + 60))
	while [ "$SECONDS" -lt "$end" ]; do
		for child in $(cat "$children"); do
			[ "$(cat "/proc/$child/comm")" = meshtop-proxy ] && kill -9 "$child" && return
		done
	done
}
event() { # NAME: comes next but for problems
	local line
	while read -r -t 60 line <&3; do
		case $line in
		*'"event":"problem"'*) ;;
		*"\"event\":\"$1\""*) return 0 ;;
		*) break ;;
		esac
	done
	echo "$line"
	return 1
}
if [ -e "$children" ]; then
	kill_engine
	check "an engine that dies is restarted" 0 '' '' -- event restarted
	kill_engine
	check "but not twice" 0 '' '' -- event ended
else
	echo "# the engine's end: skipped, $children is not there"
fi

kill -INT "$demo"
wait "$demo" 2>/dev/null
report "$?" "SIGINT ends it with 0"
check "no engine any more" 3 '' '^meshtop: no engine' -- ask "$url"
finish
