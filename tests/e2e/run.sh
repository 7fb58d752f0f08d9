#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/e2e/run.sh [NAME...]: the scripts of this folder one after the other;
# make check-e2e E2E="swaps hostile" runs some.  Exit 77 of one is a skip.
set -u
here=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0 skipped=0
agree() { AGREE_SEED=${AGREE_SEED:-$RANDOM} AGREE_MESHES=${AGREE_MESHES:-200} AGREE_REQUESTS=25 "$here/../wire/agree.sh"; }
for name in ${*:-agree kills nginx tls mariadb swaps hostile scenarios}; do
	printf '== %s\n' "$name"
	if [ "$name" = agree ]; then agree; else "$here/$name.sh"; fi
	case $? in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)); echo "FAILED: $name" ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
