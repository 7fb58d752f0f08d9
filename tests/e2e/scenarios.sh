#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The seven scenarios at the tutorial's own values: each on a demo of its own,
# all at once, WINDOW seconds long; then what the metrics say, beside what the
# tutorial shows.  Exit 1 when a figure is off.
#
#   scenarios.sh [SCENARIO...]     WINDOW=120 seconds by default
set -u
src=${MESHTOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
meshtop=${MESHTOP_BUILDDIR:-$src/build}/meshtop
window=${WINDOW:-120}
demo=$src/share/demo/travels
for tool in jq curl awk; do
	command -v $tool >/dev/null || { echo "scenarios: $tool is needed"; exit 77; }
done
portal=travel-portal
agency=travel-agency
scratch=$(mktemp -d)
pids=()
stop() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 1' INT TERM

mesh() { echo "$scratch/$1"; }
# start NAME EXTRA...: a demo with extras
start() {
	local dir
	dir=$(mesh "$1")
	"$meshtop" demo --headless --mesh "$dir" >"$scratch/$1.log" 2>&1 &
	pids+=($!)
	for _ in $(seq 100); do
		grep -q '"event":"ready"' "$scratch/$1.log" && break
		sleep 0.1
	done
	for extra in "${@:2}"; do
		"$meshtop" apply --mesh "$dir" -f "$demo/$extra.yaml" >/dev/null
	done
}
# wizard NAME KIND SERVICE: answers on stdin
wizard() { "$meshtop" wizard "$2" --mesh "$(mesh "$1")" --service "$3" --answers - --apply >/dev/null 2>"$scratch/wizard.err" ||
	{ cat "$scratch/wizard.err"; exit 1; }; }

# knows_cities NAME PORTAL: waits for a first answer; without a list of cities
# a portal sends one request a round instead of two
knows_cities() {
	for _ in $(seq 150); do
		"$meshtop" graph --mesh "$(mesh "$1")" --type workload --no-service-nodes --since 30s -o json |
			jq -e --arg f "workload:$portal/$2" \
			'[.edges[] | select(.from == $f and .rate > 0 and .errors == 0)] | length > 0' >/dev/null && break
		sleep 0.2
	done
}

# What each scenario sets up.
setup_routing() {
	start routing travels-v2 travels-v3
	wizard routing request-routing travels.travel-agency <<-'A'
	rules:
	- match: [{headers: {portal: {exact: voyages.fr}}}]
	  route: {travels-v3: 100}
	- match: [{headers: {portal: {exact: viaggi.it}}}]
	  route: {travels-v2: 100}
	- match: [{headers: {portal: {exact: travels.uk}}}]
	  route: {travels-v1: 100}
	A
}
setup_delay() {
	start delay
	echo 'delay: {percent: 100, duration: 5s}' | wizard delay fault-injection hotels.travel-agency
}
setup_shifting() {
	start shifting travels-v2 travels-v3
	echo 'route: {travels-v1: 80, travels-v2: 10, travels-v3: 10}' |
		wizard shifting traffic-shifting travels.travel-agency
}
setup_tcp() {
	start tcp mysqldb-v2 mysqldb-v3
	echo 'route: {mysqldb-v1: 80, mysqldb-v2: 10, mysqldb-v3: 10}' |
		wizard tcp tcp-traffic-shifting mysqldb.travel-agency
}
setup_timeout() {
	start timeout
	knows_cities timeout voyages
	echo 'delay: {percent: 100, duration: 5s}' | wizard timeout fault-injection hotels.travel-agency
	wizard timeout request-routing travels.travel-agency <<-'A'
	rules:
	- match: [{headers: {portal: {exact: voyages.fr}}}]
	  timeout: 2s
	- {}
	A
}
setup_breaker() {
	start breaker travels-v2 travels-v3 loadtester
	wizard breaker traffic-shifting travels.travel-agency <<-'A'
	circuitBreaker: {connectionPool: {maxConnections: 1, http1MaxPendingRequests: 1}}
	A
}
setup_mirror() {
	start mirror travels-v2 travels-v3 loadtester
	wizard mirror traffic-shifting travels.travel-agency <<-'A'
	route: {travels-v1: 80, travels-v2: 20}
	mirror: {workload: travels-v3, percent: 50}
	A
}

# graph NAME REPORTER: edges of the window
graph() {
	local file=$scratch/$1.$2.json
	[ -s "$file" ] || "$meshtop" graph --mesh "$(mesh "$1")" --type workload --no-service-nodes \
		--since "${window}s" --reporter "$2" -o json >"$file"
	cat "$file"
}
# edge NAME REPORTER FROM TO FILTER: of one edge; "none" without it
edge() {
	graph "$1" "$2" | jq -r --arg f "workload:$3" --arg t "workload:$4" \
		"[.edges[] | select(.from == \$f and .to == \$t)] | if length == 0 then \"none\" else (.[0] | $5) end"
}
# total NAME REPORTER TO FIELD [FROM-PATTERN]: summed over callers
total() {
	graph "$1" "$2" | jq -r --arg t "workload:$3" --arg p "${5-.}" \
		"[.edges[] | select(.to == \$t and (.from | test(\$p))) | .$4] | add // 0"
}
bad=0
section() { printf '\n%s\n' "$1"; }
# row WHAT MEASURED LOW HIGH [UNIT]
row() {
	local verdict
	verdict=$(awk -v v="$2" -v l="$3" -v h="$4" 'BEGIN { print ((v ~ /^-?[0-9.]/ && v + 0 >= l + 0 && v + 0 <= h + 0) ? "ok" : "OFF") }')
	[ "$verdict" = ok ] || bad=1
	printf '  %-58s %10.10s   %s..%s %s  %s\n' "$1" "$2" "$3" "$4" "${5-}" "$verdict"
}
# same WHAT MEASURED WANTED
same() {
	local verdict=ok
	[ "$2" = "$3" ] || verdict=OFF bad=1
	printf '  %-58s %10s   %s  %s\n' "$1" "$2" "$3" "$verdict"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b > 0 ? a / b : -1) }'; }
check_routing() {
	section "Request routing: a version for each portal"
	for pair in voyages:travels-v3 viaggi:travels-v2 travels:travels-v1; do
		row "$pair, share of its requests" "$(edge routing both $portal/${pair%:*} $agency/${pair#*:} .share)" 1 1
		row "$pair, requests a second" "$(edge routing both $portal/${pair%:*} $agency/${pair#*:} .rate)" 0.22 0.30
	done
	same "voyages:travels-v1" "$(edge routing both $portal/voyages $agency/travels-v1 .rate)" none
}
check_delay() {
	local e="delay source $agency/travels-v1 $agency/hotels-v1"
	section "Fault injection: 5 s for everyone who calls hotels"
	row "source, true p50" "$(edge $e .p50_ms)" 4990 5300 ms
	row "source, true p95" "$(edge $e .p95_ms)" 4990 5300 ms
	row "source, p50 in Istio's buckets" "$(edge $e .est_p50_ms)" 7400 7600 ms
	row "source, p95 in Istio's buckets" "$(edge $e .est_p95_ms)" 9650 9850 ms
	row "destination, p95" "$(edge delay destination $agency/travels-v1 $agency/hotels-v1 .p95_ms)" 0 500 ms
	row "errors a second" "$(edge $e .errors)" 0 0
	row "portals wait, too: voyages p50" "$(edge delay both $portal/voyages $agency/travels-v1 .p50_ms)" 4990 5400 ms
	same "health of that edge" "$(edge delay both $portal/voyages $agency/travels-v1 .health)" Healthy
}
check_shifting() {
	local sum
	section "Traffic shifting: 80, 10, 10"
	sum=$(for v in 1 2 3; do total shifting both $agency/travels-v$v rate; done | jq -s add)
	row "requests a second, all" "$sum" 0.68 0.9
	row "version 1" "$(ratio "$(total shifting both $agency/travels-v1 rate)" "$sum")" 0.68 0.92
	row "version 2" "$(ratio "$(total shifting both $agency/travels-v2 rate)" "$sum")" 0.02 0.2
	row "version 3" "$(ratio "$(total shifting both $agency/travels-v3 rate)" "$sum")" 0.02 0.2
}
# opened VERSION: connections that mysqldb's version took, by its own report
opened() {
	curl -s --unix-socket "$(mesh tcp)/.meshtop/admin.sock" http://engine/stats/prometheus |
		awk -v w="destination_workload=\"mysqldb-v$1\"" \
		'/^istio_tcp_connections_opened_total/ && /reporter="destination"/ && index($0, w) { n += $NF } END { print n + 0 }'
}
check_tcp() {
	local bytes connections
	section "TCP traffic shifting: 80, 10, 10"
	bytes=$(for v in 1 2 3; do total tcp both $agency/mysqldb-v$v bytes_rate; done | jq -s add)
	connections=$(for v in 1 2 3; do opened $v; done | jq -s add)
	for v in 1 2 3; do
		local low=0.04 high=0.18
		[ $v = 1 ] && low=0.7 high=0.9
		row "version $v, by connections" "$(ratio "$(opened $v)" "$connections")" $low $high
		row "version $v, by bytes" "$(ratio "$(total tcp both $agency/mysqldb-v$v bytes_rate)" "$bytes")" $low $high
	done
	same "protocol of hotels -> mysqldb" "$(edge tcp both $agency/hotels-v1 $agency/mysqldb-v1 .protocol)" tcp
}
check_timeout() {
	local e="timeout source $portal/voyages $agency/travels-v1"
	section "Request timeouts: 2 s for voyages, 5 s of delay"
	row "voyages, share of 504" "$(edge $e '.errors / .rate')" 1 1
	row "voyages, with flag UT" "$(edge $e '[.codes["504"].UT // 0] | add')" 0.999 1
	row "voyages, p50" "$(edge $e .p50_ms)" 1990 2100 ms
	row "voyages, requests a second" "$(edge $e .rate)" 0.14 0.20
	for p in viaggi travels; do
		row "$p, errors a second" "$(edge timeout source $portal/$p $agency/travels-v1 .errors)" 0 0
		row "$p, p50" "$(edge timeout source $portal/$p $agency/travels-v1 .p50_ms)" 4990 5400 ms
		row "$p, requests a second" "$(edge timeout source $portal/$p $agency/travels-v1 .rate)" 0.09 0.14
	done
}
# loadtester's requests by code and flag at the source
load_requests() {
	curl -s --unix-socket "$(mesh breaker)/.meshtop/admin.sock" http://engine/stats/prometheus |
		awk -v p="$1" '/^istio_requests_total/ && /reporter="source"/ && /source_workload="loadtester"/ && $0 ~ p { n += $NF } END { print n + 0 }'
}
check_breaker() {
	local all accepted
	section "Circuit breaking: one connection, one waiting request"
	all=$(awk -v a="$(load_requests .)" -v b="${load_before_all:-0}" 'BEGIN { print a - b }')
	accepted=$(awk -v a="$(load_requests 'response_code="200"')" -v b="${load_before_ok:-0}" 'BEGIN { print a - b }')
	row "load tester, requests a second" "$(ratio "$all" "$((SECONDS - load_before_at))")" 9 15
	row "load tester, accepted" "$(ratio "$accepted" "$all")" 0.2 0.5
	row "the rest is 503 UO" "$(ratio "$(load_requests 'response_code="503".*response_flags="UO"|response_flags="UO".*response_code="503"')" \
		"$(load_requests 'response_code="503"')")" 1 1
	row "destination, errors of the load tester" "$(total breaker destination $agency/travels-v1 errors loadtester)" 0 0
	for p in voyages viaggi travels; do
		row "$p, errors a second" "$(graph breaker source | jq "[.edges[] | select(.from == \"workload:$portal/$p\") | .errors] | add // 0")" 0 0.02
	done
	row "retries of the load tester" "$(curl -s --unix-socket "$(mesh breaker)/.meshtop/admin.sock" \
		'http://engine/stats?proxy=loadtester.travel-portal' | awk '/upstream_rq_retry:/ { n += $NF } END { print n + 0 }')" 0 0
}
check_mirror() {
	local v1 v2 v3
	section "Mirroring: 80 and 20, and half of it for version 3"
	v1=$(total mirror destination $agency/travels-v1 rate)
	v2=$(total mirror destination $agency/travels-v2 rate)
	v3=$(total mirror destination $agency/travels-v3 rate)
	row "version 1" "$(ratio "$v1" "$(jq -n "$v1 + $v2")")" 0.75 0.85
	row "version 2" "$(ratio "$v2" "$(jq -n "$v1 + $v2")")" 0.15 0.25
	row "version 3, of the sum" "$(ratio "$v3" "$(jq -n "$v1 + $v2")")" 0.44 0.56
	row "source, version 3" "$(total mirror source $agency/travels-v3 rate)" 0 0
	row "callers, errors a second" "$(graph mirror source | jq '[.edges[] | .errors] | add // 0')" 0 0.02
}

all="routing delay shifting tcp timeout breaker mirror"
chosen=${*:-$all}
for s in $chosen; do
	case " $all " in *" $s "*) ;; *) echo "scenarios: no scenario $s ($all)"; exit 2 ;; esac
	"setup_$s"
done
sleep 15	# what began under the old rules has ended
case " $chosen " in *" breaker "*)
	load_before_all=$(load_requests .) load_before_ok=$(load_requests 'response_code="200"')
	load_before_at=$SECONDS ;;
esac
sleep "$window"
echo "The scenarios at the tutorial's values, over $window s: measured, wanted"
for s in $chosen; do "check_$s"; done
echo
[ $bad = 0 ] && echo "all as the tutorial shows" || echo "some figures are OFF"
exit $bad
