# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2030,SC2031,SC2034,SC2119,SC2120,SC2317
# Begins every script that changes something on the router. Exit codes: ../scripts.py
X=${WIFIRELAY_ROOT-}
R=$X/var/run/wifirelay
trap '' HUP PIPE # the link may die in the middle: end what was begun
umask 077

now() {
	read -r up _ <"$X/proc/uptime"
	up=${up%.*}
}
now
read -r boot <"$X/proc/sys/kernel/random/boot_id"

say() { printf '%s\n' "$*" >&2; }

take_lock() { # ID SECONDS NAME [FOLDER]: one at a time; a lease that ran out may be taken
	d=${4-$R/lock}
	if ! mkdir "$d" 2>/dev/null; then
		o='' l=0
		if ! read -r o l n <"$d/owner" && ! [ "$d" -ot "$R/alive" ]; then
			say "a controller that is just starting"
			return 1
		elif [ "$o" != "$1" ] && [ "$up" -lt "$l" ]; then
			say "${n:-the $o}; its lease ends in $((l - up)) s"
			return 1
		elif [ "$o" != "$1" ]; then
			mv "$d" "$R/stale.$1" || return 1
			was=
			read -r was _ <"$R/stale.$1/owner"
			rm -rf "$R/stale.$1"
			[ "$was" = "$o" ] && mkdir "$d" || return 1
		fi
	fi
	echo "$1 $((up + $2)) $3" >"$d/owner"
} 2>&1

kib_free() { # PATH: what its file system still takes; nothing where `df` does not tell
	# shellcheck disable=SC2046
	set -- $(df -k "$1" 2>/dev/null)
	echo "${11-}" # behind seven words of the heading, which may be one line or two
}

commit() { # PACKAGE: commit it and read it back; else put the old text back, and fail
	# On a full flash `uci commit` exits 0 and leaves the file empty (OpenWrt of 2025-02). It renames a new
	# file into place, so the old one stays under a second name, which takes no room: it comes back whoever
	# has taken the last of it. Callers remove both.
	c=$X/etc/config/$1
	cp "$c" "$R/before.$1" || return 1
	ln -f "$c" "$X/etc/config/.$1.before" 2>/dev/null
	want=$(uci -q export "$1")
	if uci -q commit "$1" && [ -s "$c" ] && [ ! -s "$X/tmp/.uci/$1" ]; then
		got=$(uci -q export "$1")
		[ "$got" != "$want" ] || return 0
		case $want in
		"$got"*) ;; # cut short
		*)
			if [ "$(part '' "$got")" != "$(part '' "$want")" ]; then
				# Somebody else commits in this very moment: theirs stays.
				[ "$(part 1 "$got")" != "$(part 1 "$want")" ] || return 0
				rm -f "$R/before.$1" "$X/etc/config/.$1.before"
				say "somebody else has just changed $1"
				return 1
			fi
			;;
		esac
	fi
	put_back "$1"
	say "$1 could not be written: is the flash full or read-only?"
	return 1
}

part() { # 1|'' TEXT of `uci export`: its own sections, or all others
	ours=
	while IFS= read -r line; do
		case $line in "config "*" 'wifirelay"*) ours=1 ;; "config "*) ours= ;; esac
		[ "$ours" != "$1" ] || printf '%s\n' "$line"
	done <<-EOF
		$2
	EOF
}

put_back() { # PACKAGE: the text from before `commit`, if it is not there
	[ -e "$R/before.$1" ] || return 0
	c=$X/etc/config/$1 old=$X/etc/config/.$1.before
	[ "$(cat "$R/before.$1")" = "$(cat "$c")" ] && { rm -f "$old"; return; }
	# Renamed into place, as `uci` does: a reload beside it never reads half of it.
	[ "$(cat "$R/before.$1")" = "$(cat "$old" 2>/dev/null)" ] ||
		{ rm -f "$old"; cp -p "$c" "$old" && cat "$R/before.$1" >"$old" && sync; } &&
		mv "$old" "$c" && sync && return
	rm -f "$old" # there is no room for a second copy
	cat "$R/before.$1" >"$c"
	sync # written in place: a power cut before that could leave it empty
}
