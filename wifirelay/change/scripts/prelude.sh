# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2034,SC2317
# Begins every script that changes something on the router. Exit codes: exits.py
X=${WIFIRELAY_ROOT-}
R=$X/var/run/wifirelay
trap '' HUP PIPE # the link may die in the middle: end what was begun
umask 077
read -r up _ <"$X/proc/uptime"
up=${up%.*}
read -r boot <"$X/proc/sys/kernel/random/boot_id"

say() { printf '%s\n' "$*" >&2; }

mine() { # ID SECONDS: is the token armed, of this boot, ours, with that much time left?
	read -r t b end <"$R/armed" && [ "$t" = "$1" ] && [ "$b" = "$boot" ] &&
		[ $((up + $2)) -lt "$end" ]
} 2>/dev/null

take_lock() { # ID SECONDS NAME: one controller at a time; a lease that ran out may be taken
	if ! mkdir "$R/lock" 2>/dev/null; then
		o='' l=0
		if ! read -r o l n <"$R/lock/owner" && ! [ "$R/lock" -ot "$R/alive" ]; then
			say "a controller that is just starting"
			return 1
		elif [ "$o" != "$1" ] && [ "$up" -lt "$l" ]; then
			say "$n; its lease ends in $((l - up)) s"
			return 1
		elif [ "$o" != "$1" ]; then
			mv "$R/lock" "$R/stale.$1" || return 1
			now=
			read -r now _ <"$R/stale.$1/owner"
			rm -rf "$R/stale.$1"
			[ "$now" = "$o" ] && mkdir "$R/lock" || return 1
		fi
	fi
	echo "$1 $((up + $2)) $3" >"$R/lock/owner"
} 2>&1

foreign() { # prints the staged edits of `wireless` that are not in own sections
	# The file behind `uci changes`, one edit a line, a sign before what is no plain set.
	[ -s "$X/tmp/.uci/wireless" ] || return 0
	while IFS= read -r line; do
		case ${line#[-+@|~^]} in
		wireless.wifirelay*) ;;
		*) printf '%s\n' "${line%%=*}" ;;
		esac
	done <"$X/tmp/.uci/wireless"
}
