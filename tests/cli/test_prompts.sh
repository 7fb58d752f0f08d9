#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `meshtop wizard` by line prompts: the forms' questions, checks, back, y/n.
set -u
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"
demo=${MESHTOP_SRCDIR:-.}/share/demo/travels
mesh=$scratch/mesh
mkdir "$mesh"
cp -r "$demo/base" "$demo"/travels-v[23].yaml "$demo"/mysqldb-v2.yaml "$mesh"
chmod -R u+w "$mesh"
export ACCESSIBLE=1
travels=travels.travel-agency

# prompts NAME STATUS OUT ERR KIND SERVICE ANSWER...
prompts() {
	local name=$1 want=$2 out=$3 err=$4 kind=$5 service=$6 status=0
	shift 6
	printf '%s\n' "$@" | "$meshtop" wizard "$kind" --mesh "$mesh" --service "$service" \
		>"$scratch/out" 2>"$scratch/err" || status=$?
	if [ "$status" -eq "$want" ] && fits "$scratch/out" "$out" && fits "$scratch/err" "$err"; then
		report 0 "$name"
	else
		{ echo "status $status"; cat "$scratch/out" "$scratch/err"; } >"$scratch/detail"
		report 1 "$name" "$scratch/detail"
	fi
}
get() { "$meshtop" get --mesh "$mesh" virtualservice "$1" -o yaml; }
has() { get "$2" >"$scratch/vs"; grep -Eq -- "$3" "$scratch/vs"; report $? "$1" "$scratch/vs"; }
# between PATTERN PATTERN: the first stands before the second in the output
before() { awk -v a="$2" -v b="$3" '$0 ~ a && !x { x = NR } $0 ~ b { y = NR } END { exit !(x && y && x < y) }' "$scratch/out"
	report $? "$1" "$scratch/out"; }

prompts "a rule by lines" 0 "Stored" '*' request-routing $travels \
	new "" portal "" voyages.fr "" "" "" 0 0 100 "" "" "" "" "" done n y
before "questions in the form's order" "name of the header" "travels-v1 [(]%[)]"
has "it is stored" $travels "exact: voyages.fr"
"$meshtop" history --mesh "$mesh" >"$scratch/out"
[ "$(grep -c ' wizard ' "$scratch/out")" = 1 ]
report $? "as one change" "$scratch/out"

prompts "an empty name is not accepted" 1 "Not accepted: must not be empty" "nothing was written" \
	request-routing $travels new "" "" quit
prompts "a bad pattern is told at once" 1 "Not accepted: regex" '*' request-routing $travels \
	"edit 1" "" "" regex "(" quit
prompts "a word that is none" 1 "one of the words in parentheses" '*' request-routing $travels \
	"edit 1" nonsense quit
prompts "a rule that is none" 1 "needs the number of a rule" '*' request-routing $travels "edit 7" quit
prompts "back asks the question before" 1 '*' '*' request-routing $travels "edit 1" "" back quit
[ "$(grep -c "part of the request" "$scratch/out")" = 2 ]
report $? "again" "$scratch/out"
prompts "another condition, and it goes away again" 0 "all is as it should be" '*' request-routing $travels \
	"edit 1" "" "" "" "" "" y "" user "" x y "" "" "" "" "" "" "" "" "" "" done n
prompts "no means no" 1 "0 changed|1 changed" "nothing was written" request-routing $travels \
	others "" "" "" "" "" "" "" "" "" done n n

prompts "a service with its own rules is read" 0 "Stored" '*' fault-injection hotels.travel-agency \
	y 50 2s y 10 404 n y
has "delay" hotels.travel-agency "fixedDelay: 2s"
has "abort" hotels.travel-agency "httpStatus: 404"
prompts "percentages have a range" 1 "Not accepted: at most 100" '*' fault-injection hotels.travel-agency \
	"" 101 quit
prompts "durations have a form" 1 "Not accepted: " '*' fault-injection hotels.travel-agency "" "" soon quit
prompts "times" 0 Stored '*' request-timeouts cars.travel-agency y 3s y 2 1s n y
has "timeout" cars.travel-agency "timeout: 3s"
has "retries" cars.travel-agency "attempts: 2"
prompts "tcp weights" 0 Stored '*' tcp-traffic-shifting mysqldb.travel-agency 80 "" "" n y
has "of two" mysqldb.travel-agency "weight: 20"
prompts "mirror, even and a breaker" 0 Stored '*' traffic-shifting flights.travel-agency 100 "" \
	y "" "" MUTUAL cert.pem key.pem "" "" STRICT "consistent hash" header portal \
	y 5 6 y "" 9 "" 3s "" 0s "" "" "" "" "" UPGRADE n \
	y 7 y 3 10s "" 101 50 "" "" "" y
"$meshtop" get --mesh "$mesh" destinationrule flights.travel-agency -o yaml >"$scratch/vs"
missing=0
for line in "maxConnections: 5" "consecutive5xxErrors: 7" "consecutiveGatewayErrors: 3" "interval: 10s" \
	"maxRequestsPerConnection: 9" "connectTimeout: 3s" "h2UpgradePolicy: UPGRADE" \
	"maxEjectionPercent: 50" "httpHeaderName: portal" "clientCertificate: cert.pem" "mode: MUTUAL"; do
	grep -q "$line" "$scratch/vs" || { missing=1; echo "lacks $line" >>"$scratch/vs"; }
done
report $missing "every field is stored" "$scratch/vs"
prompts "delete lists what goes" 0 "Stored" "delete VirtualService cars" delete-traffic-routing cars.travel-agency y
check "it is gone" 1 '*' "not found" -- "$meshtop" get --mesh "$mesh" virtualservice cars.travel-agency
prompts "answers that end write nothing" 1 '*' "nothing was written" request-timeouts cars.travel-agency y
check "with an answers file nothing is asked" 0 '^apiVersion' '*' -- \
	"$meshtop" wizard fault-injection --mesh "$mesh" --service hotels.travel-agency --answers /dev/null
finish
