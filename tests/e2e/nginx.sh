#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# nginx as a real HTTP backend: bodies of all sizes both ways, ranges, HEAD,
# gzip, keep-alive, and a restart under load.
set -u
# shellcheck source=tests/e2e/engine.sh
. "$(dirname "$0")/engine.sh"
for tool in nginx curl sha256sum; do
	command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done

configuration() {
	cat <<-EOF2
	daemon off;
	worker_processes 1;
	pid $scratch/nginx.pid;
	error_log $scratch/nginx.log;
	events { worker_connections 512; }
	http {
		access_log off;
		client_max_body_size 64m;
		client_body_temp_path $scratch/body; proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/f;
		uwsgi_temp_path $scratch/u; scgi_temp_path $scratch/s;
		gzip on; gzip_types text/plain; gzip_min_length 10;
		server {
			listen $net.11:9001;
			root $scratch/www;
			default_type text/plain;
			location /put { return 204; }
			location / { add_header x-from nginx; }
		}
	}
	EOF2
}
start_nginx() {
	nginx -c "$scratch/nginx.conf" 2>/dev/null &
	server=$!
	pids+=("$server")
	for _ in $(seq 100); do
		curl -s -o /dev/null "http://$net.11:9001/1" && return
		sleep 0.05
	done
}
mkdir "$scratch/www" && chmod 755 "$scratch" "$scratch/www"
for size in 1 1000 65536 1000000 20000000; do
	head -c $size /dev/urandom >"$scratch/www/$size"
done
seq 20000 >"$scratch/www/text"
: >"$scratch/www/0"
chmod 644 "$scratch"/www/*
configuration >"$scratch/nginx.conf"
base 1 >"$mesh/mesh.yaml"
start_nginx
start_engine
url=http://$net.1:8080
ask() { curl -s -m 20 -H 'Host: svc' "$@"; }
same() { [ "$1" = "$2" ] && echo 1 || echo 0; }
echo "nginx behind the engine: measured, wanted"
for file in 0 1 1000 65536 1000000 20000000; do
	row "the same $file bytes" "$(same "$(ask "$url/$file" | sha256sum)" "$(sha256sum <"$scratch/www/$file")")" 1 1
done
row "a range" "$(ask -H 'Range: bytes=100-199' "$url/1000" | wc -c)" 100 100
row "its status" "$(ask -o /dev/null -w '%{http_code}' -H 'Range: bytes=100-199' "$url/1000")" 206 206
row "HEAD" "$(ask -I "$url/65536" | tr -d '\r' | awk 'tolower($1) == "content-length:" { print $2 }')" 65536 65536
row "gzip, chunked" "$(same "$(ask --compressed "$url/text" | sha256sum)" "$(sha256sum <"$scratch/www/text")")" 1 1
row "not modified" "$(ask -o /dev/null -w '%{http_code}' -H "If-None-Match: $(ask -I "$url/1" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')" "$url/1")" 304 304
row "not found, from nginx" "$(ask "$url/nobody" | grep -c nginx)" 1 9
row "upload with a length" "$(ask -o /dev/null -w '%{http_code}' -T "$scratch/www/20000000" "$url/put")" 204 204
row "upload in chunks" "$(ask -o /dev/null -w '%{http_code}' -H 'Transfer-Encoding: chunked' -T - "$url/put" <"$scratch/www/1000000")" 204 204
row "two on one connection" "$(ask -o /dev/null -o /dev/null -w '%{num_connects}\n' "$url/1" "$url/1000" | awk '{ n += $1 } END { print n }')" 1 1
# A backend that ends its idle connections is no reason for a failure.
for _ in 1 2 3; do
	kill "$server" && wait "$server" 2>/dev/null
	start_nginx
	row "after a restart" "$(ask -o /dev/null -w '%{http_code}' "$url/1")" 200 200
done
exit $bad
