#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What --help, the manual page and the completion say of options and kinds is
# the same.
. "${MESHTOP_SRCDIR:-.}/tests/cli/tap.sh"

src=${MESHTOP_SRCDIR:-.}
page=${MESHTOP_BUILDDIR:-.}/man/meshtop.1

# "-o, --output FORMAT  text" of every command's help, with one tab between.
for command in $("$meshtop" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
	"$meshtop" "$command" --help
done | sed -n 's/^  *\(\(-., \)\{0,1\}--[^ ]*\( [^ ]\{1,\}\)*\)   *\(.*\)/\1\t\4/p' | sort -u >"$scratch/help"
sed -n '/^\.SH OPTIONS/,/^\.SH CONSOLE/p' "$page" | sed 's/\\-/-/g' |
	sed -n '/^\.TP$/{n;N;s/^\.B //;s/\n/\t/p;}' | sort -u >"$scratch/manual"
check "the help has options" 0 -- grep -q -- '^--at MOMENT' "$scratch/help"
check "the manual has the options of --help, in the same words" 0 -- \
	diff "$scratch/help" "$scratch/manual"

# Words that bash would offer behind the given ones.
offered() {
	# shellcheck disable=SC2016
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _meshtop; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$src/share/completion/meshtop" "$meshtop" "$@"
}
sed -n 's/^KIND([^"]*"[^"]*", *"\([^"]*\)".*/\1/p' "$src/src/model/kinds.tbl" | sort -u >"$scratch/kinds"
check "there are kinds" 0 -- grep -qx httproutes "$scratch/kinds"
for command in get delete; do
	offered "$command" '' | sort >"$scratch/offered"
	check "$command is completed with every kind" 0 '' '' -- comm -23 "$scratch/kinds" "$scratch/offered"
done
mkdir "$scratch/mesh"
check "each that is offered is one" 0 -- sh -c \
	"while read -r kind; do '$meshtop' get --mesh '$scratch/mesh' \$kind || exit 1; done <'$scratch/offered'"
offered graph --at '' >"$scratch/offered"
check "--at is completed with moments" 0 -- grep -qx 5m "$scratch/offered"

finish
