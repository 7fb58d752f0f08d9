#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# apply, get, delete, history, undo, validate on a mesh directory.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

mesh=$scratch/mesh
mkdir "$mesh"

cat >"$scratch/svc.yaml" <<'END'
# two services
apiVersion: v1
kind: Service
metadata:
  name: a # first
spec:
  ports: [{name: http, port: 8000}]
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: other}
spec: {ports: [{name: http, port: 8080}], clusterIP: 127.1.2.3}
END
cat >"$scratch/vs.yaml" <<'END'
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: shop}
spec:
  hosts: [a]
  http:
  - route:
    - destination: {host: a}
END

check "created" 0 '^service/a created$' '' -- \
	"$meshtop" apply --mesh "$mesh" -n shop -f "$scratch/svc.yaml"
check "its text is kept" 0 '^  name: a # first$' '' -- cat "$mesh/shop/service-a.yaml"
check "with its namespace" 0 '^  namespace: shop$' '' -- cat "$mesh/shop/service-a.yaml"
check "a document's own namespace wins" 0 'name: b' '' -- cat "$mesh/other/service-b.yaml"
check "unchanged" 0 '^service/b unchanged$' '' -- \
	"$meshtop" apply -n shop -f "$scratch/svc.yaml" --mesh "$mesh"
check "a kind with its group" 0 '^virtualservice.networking.istio.io/a created$' '*' -- \
	"$meshtop" apply --mesh "$mesh" -f "$scratch/vs.yaml"
sed 's/8000/9000/' "$scratch/svc.yaml" >"$scratch/new.yaml"
check "configured" 0 '^service/a configured$' '' -- \
	"$meshtop" apply --mesh "$mesh" -n shop -f "$scratch/new.yaml"
check "from stdin" 0 '^service/a unchanged$' '' -- \
	sh -c "'$meshtop' apply --mesh '$mesh' -n shop -f - <'$scratch/new.yaml'"
check "a name's own namespace wins over -n" 0 '^other +b ' '' -- "$meshtop" get --mesh "$mesh" svc b.other -n shop
check "get text" 0 '^shop +a +- +9000/http$' '' -- "$meshtop" get --mesh "$mesh" SVC -n shop
check "get an explicit address" 0 'clusterIP: "?127\.1\.2\.3' '' -- \
	"$meshtop" get --mesh "$mesh" services b.other -o yaml
check "get json of one is an object" 0 '^\{$' '' -- "$meshtop" get --mesh "$mesh" vs a.shop -o json
check "get json of all is an array" 0 '^\[$' '' -- "$meshtop" get --mesh "$mesh" vs -o json
check "get a namespace that is only named" 0 'shop' '' -- "$meshtop" get --mesh "$mesh" ns
check "get what is not there" 1 '' '^meshtop: Service x.shop not found$' -- \
	"$meshtop" get --mesh "$mesh" svc x.shop
check "get nothing" 0 '' '^meshtop: no Gateway found' -- "$meshtop" get --mesh "$mesh" gateway

printf 'a: [\n' >"$scratch/broken.yaml"
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: A}\n' >"$scratch/invalid.yaml"
check "a document that does not parse" 2 '' "^meshtop: $scratch/broken.yaml:2:1: " -- \
	"$meshtop" apply --mesh "$mesh" -f "$scratch/broken.yaml"
check "an invalid document" 1 '' "^meshtop: $scratch/invalid.yaml:3:18: .*MT0005" -- \
	"$meshtop" apply --mesh "$mesh" -f "$scratch/svc.yaml" -f "$scratch/invalid.yaml"
check "nothing of it was written" 0 '9000' '' -- cat "$mesh/shop/service-a.yaml"
check "a file that is not there" 2 '' "^meshtop: $scratch/none.yaml: " -- \
	"$meshtop" apply --mesh "$mesh" -f "$scratch/none.yaml"
check "nothing in a file" 2 '' '^meshtop: apply: no document' -- \
	"$meshtop" apply --mesh "$mesh" -f /dev/null
check "without -f" 2 '' '^meshtop: apply: -f' -- "$meshtop" apply --mesh "$mesh"

check "validate a file that does not parse" 1 "^$scratch/broken.yaml:2:1: error: MT0001 " '' -- \
	"$meshtop" validate -f "$scratch/broken.yaml"
check "validate as json" 1 '"severity": "error"' '' -- \
	"$meshtop" validate -f "$scratch/invalid.yaml" -o json
check "validate a good mesh" 0 '*' '' -- "$meshtop" validate --mesh "$mesh"
cp "$scratch/broken.yaml" "$mesh/broken.yaml"
check "validate a bad file of a mesh" 1 '^broken.yaml:2:1: error: ' '' -- \
	"$meshtop" validate --mesh "$mesh"
check "the rest of the mesh counts" 0 'shop' '' -- "$meshtop" get --mesh "$mesh" svc a.shop
rm "$mesh/broken.yaml"

check "history" 0 '^3 +.* apply +update Service a.shop' '' -- "$meshtop" history --mesh "$mesh"
check "history of a namespace" 0 '^2 ' '' -- "$meshtop" history --mesh "$mesh" -n shop
check "... without the others" 1 '' '' -- bash -c '"$0" history --mesh "$1" -n other | grep "^2 "' "$meshtop" "$mesh"
check "history of none" 0 '' '' -- "$meshtop" history --mesh "$mesh" -n nosuch
check "history as json" 0 '"via": "apply"' '' -- "$meshtop" history --mesh "$mesh" -o json
check "undo" 0 'change 3 undone' '' -- "$meshtop" undo --mesh "$mesh"
check "it is as it was" 0 '8000' '' -- cat "$mesh/shop/service-a.yaml"
check "undoing the undo redoes" 0 'change 4 undone' '' -- "$meshtop" undo --mesh "$mesh" 4
check "redone" 0 '9000' '' -- cat "$mesh/shop/service-a.yaml"
check "an undo that does not fit any more" 1 '' '^-.*8000' -- "$meshtop" undo --mesh "$mesh" 1
check "by force" 0 'undone' '' -- "$meshtop" undo --mesh "$mesh" 1 --force
check "no such change" 1 '' '^meshtop: .*77' -- "$meshtop" undo --mesh "$mesh" 77
check "delete" 0 '^virtualservice.networking.istio.io "a" deleted$' '' -- \
	"$meshtop" delete --mesh "$mesh" VirtualServices a.shop
check "its file is gone" 0 '' '' -- test ! -e "$mesh/shop/virtualservice-a.yaml"
check "delete what is not there" 1 '' '^meshtop: VirtualService a.shop not found' -- \
	"$meshtop" delete --mesh "$mesh" vs a.shop
printf 'apiVersion: v1\nkind: %s\nmetadata: {name: %s}\n---\n' Namespace far Node near >"$scratch/cluster.yaml"
check "objects without a namespace" 0 'node/near created' '' -- "$meshtop" apply --mesh "$mesh" -f "$scratch/cluster.yaml"
check "history of a namespace has itself" 0 'create Namespace far' '' -- "$meshtop" history --mesh "$mesh" -n far
check "... and no other object of its name" 0 '' '' -- "$meshtop" history --mesh "$mesh" -n near
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' >"$mesh/x.yaml"
check "an outside edit is seen" 0 'external +create ConfigMap x.default' '' -- \
	"$meshtop" history --mesh "$mesh"

cat >"$mesh/other.yaml" <<'END'
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: v}
END
check "get a kind that no table knows" 0 'kind: Widget' '' -- \
	"$meshtop" get --mesh "$mesh" widgets.example.com w.shop -o yaml
check "not of another group" 2 '' "unknown kind 'widgets.example.org'" -- \
	"$meshtop" get --mesh "$mesh" widgets.example.org
check "delete one" 0 '^widget.example.com "w" deleted$' '' -- \
	"$meshtop" delete --mesh "$mesh" widget w.shop
check "and the other, of the default namespace" 0 '^widget.example.com "v" deleted$' '' -- \
	"$meshtop" delete --mesh "$mesh" Widgets v
check "delete of an unknown kind" 2 '' "unknown kind 'widget'" -- \
	"$meshtop" delete --mesh "$mesh" widget w.shop

travels=$MESHTOP_SRCDIR/../shared/data/travels
if [ -d "$travels" ]; then
	check "published manifests" 0 '^deployment.apps/voyages created$' '' -- \
		"$meshtop" apply --mesh "$mesh" -n travel-portal -f "$travels/travel_portal.yaml"
	check "pods of deployments" 0 '^travel-portal +voyages-0 +voyages ' '' -- \
		"$meshtop" get --mesh "$mesh" pods
else
	echo "# published manifests: skipped, ../shared is not here"
fi
finish
