#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# For scripts: waits until something is so, 20 s at most, and fails with a
# line that says what has not become so.
#
#	await.sh page ADMIN PATH REGEX	a line of a page of the admin socket matches
#	await.sh line FILE REGEX	a line of a file does
#	await.sh file PATH		there is such a file
#	await.sh end PID		that process has ended (it may be a zombie)
#	await.sh apply ADMIN FROM TO	FROM is moved to TO, in the mesh directory, and a
#					newer configuration than before is in force
page() { curl -s -m 10 --unix-socket "$1" "http://x$2"; }
# Said for every proxy.
generation() { page "$1" /server_info | sed -n 's/.*"generation": *\([0-9]*\).*/\1/p' | head -n 1; }
is_so() {
	case $1 in
	page) page "$2" "$3" | grep -q -e "$4" ;;
	line) grep -q -e "$3" "$2" ;;
	file) [ -e "$2" ] ;;
	end) ! kill -0 "$2" 2>/dev/null || grep -q '^State:.Z' "/proc/$2/status" ;;
	apply) [ "$(generation "$2")" -gt "$before" ] ;;
	esac
}

if [ "$1" = apply ]; then
	before=$(generation "$2")
	mv "$3" "$4" || exit 1
fi
for _ in $(seq 400); do
	is_so "$@" && exit 0
	sleep 0.05
done
echo "never: $*"
exit 1
