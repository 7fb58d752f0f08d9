#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/wire/logged.sh LOG COUNT PATH CODE FLAGS DETAILS: does the access log
# (JSON lines) have that many such lines?  Waits a little for the last one.
log=$1 count=$2
what="\"path\":\"$3\".*\"response_code\":$4,\"response_flags\":\"$5\",\"response_code_details\":\"$6\""
for _ in $(seq 200); do
	[ "$(grep -c -e "$what" "$log")" = "$count" ] && exit 0
	sleep 0.05
done
echo "not $count times: $what"
cat "$log"
exit 1
