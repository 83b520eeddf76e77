# For the scripts of a trial, and for what must not run beside one: behind the prelude.
mine() { # ID SECONDS: is the token armed, of this boot, ours, with that much time left?
	now
	read -r t b end <"$R/armed" && [ "$t" = "$1" ] && [ "$b" = "$boot" ] &&
		[ $((up + $2)) -lt "$end" ]
} 2>/dev/null

no_trial() { # refuses beside a trial that has not ended
	for token in armed confirming rolling; do
		[ ! -e "$R/$token" ] || exit 26
	done
}

at_most() { # N: refuses beside more staged edits of others than those that are known
	others=$(foreign wireless network firewall)
	n=0
	for line in $others; do n=$((n + 1)); done
	[ "$n" -le "$1" ] || { say "$others"; return 24; }
}

foreign() { # PACKAGE...: prints the staged edits that are not in own wireless sections
	# The files behind `uci changes`, one edit a line, a sign before what is no plain set.
	for p; do
		[ -s "$X/tmp/.uci/$p" ] || continue
		while IFS= read -r line; do
			case ${line#[-+@|~^]} in
			wireless.wifirelay*) ;;
			*) printf '%s\n' "${line%%=*}" ;;
			esac
		done <"$X/tmp/.uci/$p"
	done
}

tidy() { # [PATH...]: what `commit` needed, the lock, and these
	rm -rf "$R"/before.* "$X/etc/config/".*.before "$R/lock" "$@"
}

room() { # is there room on flash for a second copy? Else a commit would empty the file for a moment
	free=$(kib_free "$X/etc/config")
	[ "${free:-16}" -ge 16 ] && return
	say "only $free KiB free on flash"
	return 1
}
