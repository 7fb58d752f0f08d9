#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# TCP shifting over three real MariaDB servers: 80, 10, 10 of the connections,
# the server speaks first, results are whole; then all to the third.
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
PATH=$PATH:/usr/sbin
for tool in mariadbd mariadb mariadb-install-db; do
	command -v $tool >/dev/null || { echo "SKIP: $tool is not installed (mariadb-server)"; exit 77; }
done
as=() user=$(id -un)
if [ "$(id -u)" = 0 ]; then
	user=nobody
	as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
	chmod 755 "$scratch"
fi

# database N: an empty server at NET.1N:3306 that says N
database() {
	local dir=$scratch/db$1
	mkdir "$dir" && { [ "$user" != nobody ] || chown nobody "$dir"; }
	"${as[@]}" mariadb-install-db --no-defaults --datadir="$dir" --auth-root-authentication-method=normal >/dev/null 2>&1
	cat >"$dir.sql" <<-SQL
	CREATE DATABASE shop;
	CREATE TABLE shop.me (n INT);
	INSERT INTO shop.me VALUES ($1);
	CREATE USER app@'%' IDENTIFIED BY 'secret';
	GRANT ALL ON shop.* TO app@'%';
	SQL
	chmod 644 "$dir.sql"
	"${as[@]}" mariadbd --no-defaults --datadir="$dir" --bind-address="$net.1$1" --port=3306 --socket="$dir/s" \
		--pid-file="$dir/pid" --init-file="$dir.sql" --skip-name-resolve --innodb-buffer-pool-size=16M \
		--innodb-log-file-size=8M >"$dir.log" 2>&1 &
	pids+=($!)
}
query() { timeout 10 mariadb --no-defaults --skip-ssl -h "$net.2" -P 3306 -u app -psecret -N -B -e "$1" shop 2>>"$scratch/client.log"; }
rules() {
	base
	for n in 1 2 3; do
		doc "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: db-v$n, namespace: shop}, spec: {address: $net.1$n, labels: {app: db, version: v$n}}}"
	done
	doc "{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {clusterIP: $net.2, selector: {app: db}, ports: [{name: tcp, port: 3306}]}}"
	doc '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: db, namespace: shop}, spec: {host: db, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v3, labels: {version: v3}}]}}'
	doc "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: db, namespace: shop}, spec: {hosts: [db], tcp: [{route: [{destination: {host: db, subset: v1}, weight: $1}, {destination: {host: db, subset: v2}, weight: $2}, {destination: {host: db, subset: v3}, weight: $3}]}]}}"
}
for n in 1 2 3; do database $n; done
rules 80 10 10 >"$mesh/mesh.yaml"
start_engine --seed 1 --workers 1
for n in 1 2 3; do
	for _ in $(seq 300); do
		mariadb --no-defaults --skip-ssl -h "$net.1$n" -u app -psecret -e 'SELECT n FROM me' shop >/dev/null 2>&1 && break
		sleep 0.1
	done
done
for _ in $(seq 200); do query 'SELECT n FROM me' || echo failed; done >"$scratch/answers"
share() { grep -c "^$1$" "$scratch/answers"; }
echo "200 connections to three MariaDB servers by 80, 10, 10: measured, wanted"
row "failed" "$(share failed)" 0 0
row "the first" "$(share 1)" 140 180
row "the second" "$(share 2)" 7 40
row "the third" "$(share 3)" 7 40
rules 0 0 100 >"$scratch/next" && mv "$scratch/next" "$mesh/mesh.yaml"
sleep 0.5
for _ in $(seq 20); do query 'SELECT n FROM me' || echo failed; done >"$scratch/answers"
row "all to the third" "$(share 3)" 20 20
row "a result of 2,000,000 bytes" "$(query "SELECT REPEAT('x', 2000000)" | wc -c)" 2000001 2000001
row "a statement of 1,000,000 bytes" "$( { printf "SELECT LENGTH('"; head -c 1000000 /dev/zero | tr '\0' y; echo "')"; } >"$scratch/big.sql"
	timeout 10 mariadb --no-defaults --skip-ssl -h "$net.2" -u app -psecret -N -B shop <"$scratch/big.sql" 2>/dev/null)" 1000000 1000000
row "connections reported as TCP" "$(curl -s --unix-socket "$mesh/.meshtop/admin.sock" http://x/stats/prometheus |
	awk '/^istio_tcp_connections_closed_total/ && /reporter="source"/ { n += $NF } END { print n + 0 }')" 222 222
exit $bad
