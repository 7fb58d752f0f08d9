# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the command line tests: TAP output, a scratch directory, and
# `check NAME STATUS [OUT [ERR]] -- COMMAND...`: exit status, and extended
# regular expressions that some line of stdout and stderr must match ("" for
# nothing at all, "*" for anything).

meshtop=${MESHTOP_BUILDDIR:-.}/meshtop
export LC_ALL=C.UTF-8 TERM=dumb
unset XDG_STATE_HOME KUBECONFIG NO_COLOR
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch/home
mkdir "$HOME"
count=0
failed=0

report() {	# status name [detail file]
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
		[ -z "${3-}" ] || sed 's/^/# /' "$3"
	fi
}

fits() {	# file pattern
	case $2 in
	'*') return 0 ;;
	'') [ ! -s "$1" ] ;;
	*) grep -Eq -- "$2" "$1" ;;
	esac
}

check() {
	local name=$1 want=$2 out='*' err='*' status=0
	shift 2
	if [ "$1" != -- ]; then out=$1; shift; fi
	if [ "$1" != -- ]; then err=$1; shift; fi
	shift
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
	if [ "$status" -eq "$want" ] && fits "$scratch/out" "$out" && fits "$scratch/err" "$err"; then
		report 0 "$name"
	else
		{ echo "status $status, wanted $want"; echo "stdout:"; cat "$scratch/out"
		  echo "stderr:"; cat "$scratch/err"; } >"$scratch/detail"
		report 1 "$name" "$scratch/detail"
	fi
}

finish() {
	echo "1..$count"
	exit "$failed"
}
