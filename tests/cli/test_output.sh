#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile text in documents, words and file names comes out as marks or
# escapes; no line of the source leads past the sanitizer.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

check "no other way to the terminal" 0 '' '' -- "${MESHTOP_SRCDIR:-.}/scripts/check-output"

yaml='\e[2J\e]0;x\a\r\n\t\b\x9b\u202e\u200b\ua000a\u0300\u0300\u0300\u0300\u0300\u0300\ue000'
raw=$(printf '\033[2J\033]0;x\007\r\b\302\233\342\200\256\342\200\213\377\355\240\200\356\200\200')
cat >"$scratch/hostile.yaml" <<END
apiVersion: v1
kind: Service
metadata: {name: a, namespace: x, labels: {l: "$yaml"}, annotations: {n: "$yaml"}}
spec: {selector: {app: a}, ports: [{name: http, port: 8000}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a-v1, namespace: x}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a, version: v1}}
    spec: {containers: [{name: a, image: "$yaml"}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: h, namespace: x, annotations: {n: "$yaml"}}
spec:
  hosts: [a, "$yaml"]
  http:
  - name: "$yaml"
    match: [{uri: {exact: "$yaml"}, headers: {"$yaml": {regex: "$yaml"}}}]
    route: [{destination: {host: "$yaml", subset: "$yaml"}}]
  - route: [{destination: {host: a}}]
END
json='\u001b[2J\u001b]0;x\u0007\r\n\u009b\u202e\u200b\ue000'
printf '{"nodes": [{"id": "a%s"}, {"id": "b"}], "edges": [{"from": "a%s", "to": "b"}]}' \
	"$json" "$json" >"$scratch/hostile.json"
cp "$scratch/hostile.yaml" "$scratch/$raw.yaml"

# Control characters (not tab and newline), C1, zero-width and bidi, private
# use, surrogates, bytes that no UTF-8 has.
unsafe='[\x00-\x08\x0b-\x1f\x7f\xc0\xc1\xf5-\xff]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xee[\x80-\xbf]|\xed[\xa0-\xbf]'

clean() {	# NAME COMMAND...
	local name=$1 status=0
	shift
	"$@" >"$scratch/out" 2>&1 </dev/null || status=$?
	if [ ! -s "$scratch/out" ]; then
		echo "no output, status $status" >"$scratch/detail"
		report 1 "$name" "$scratch/detail"
	elif LC_ALL=C grep -naP "$unsafe" "$scratch/out" | head -3 | cat -v >"$scratch/detail" &&
	     [ -s "$scratch/detail" ]; then
		report 1 "$name" "$scratch/detail"
	else
		report 0 "$name"
	fi
}

for form in text yaml json; do
	clean "get -o $form" "$meshtop" get -f "$scratch/hostile.yaml" -o $form virtualservice h.x
	clean "get service -o $form" "$meshtop" get -f "$scratch/hostile.yaml" -o $form service
	clean "explain -o $form" "$meshtop" explain -f "$scratch/hostile.yaml" -o $form \
		--from a-v1.x http://a.x:8000/
	clean "wizard -o $form" "$meshtop" wizard request-routing -f "$scratch/hostile.yaml" -o $form \
		--service a.x
done
clean "validate" "$meshtop" validate -f "$scratch/hostile.yaml"
clean "validate -o json" "$meshtop" validate -f "$scratch/hostile.yaml" -o json
clean "a file's name" "$meshtop" validate -f "$scratch/$raw.yaml"
clean "a file that is not there" "$meshtop" get -f "$scratch/$raw" service
clean "an unknown command" "$meshtop" "$raw"
clean "an unknown option" "$meshtop" get "--$raw"
clean "an unknown kind" "$meshtop" get -f "$scratch/hostile.yaml" "$raw"
clean "a URL" "$meshtop" explain -f "$scratch/hostile.yaml" --from a-v1.x "http://a.x:8000/$raw"
clean "a theme" "$meshtop" demo --theme "$raw"
for form in text ascii json dot mermaid svg; do
	clean "graph -o $form" "$meshtop" graph --input "$scratch/hostile.json" -o $form
done
finish
