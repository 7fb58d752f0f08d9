#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/wire/agree.sh: explain and the engine agree (see agree.c).  TAP.
# AGREE_SEED, AGREE_MESHES and AGREE_REQUESTS make another or a longer run.
set -u
build=${MESHTOP_BUILDDIR:-$PWD}
dir=$(mktemp -d "${TMPDIR:-/tmp}/agree.XXXXXX")
trap 'rm -rf "$dir"' EXIT
coproc NETWORK { "$build/tests/wire/networks" 1; }
read -r net <&"${NETWORK[0]}" || { echo "Bail out! no network is free"; exit 1; }
echo "1..1"
if "$build/tests/wire/agree" "$build/meshtop" "$build/meshtop-proxy" "$dir" "$net" \
	"${AGREE_SEED:-1}" "${AGREE_MESHES:-30}" "${AGREE_REQUESTS:-20}" >"$dir/said" 2>&1; then
	echo "ok 1 - explain and the engine agree"
	status=0
else
	echo "not ok 1 - explain and the engine agree"
	status=1
fi
sed 's/^/# /' "$dir/said" | tail -60
exit $status
