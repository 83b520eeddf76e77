# ID SECTION KEEP; answers how the uplink is kept: flash or session, and why.
if read -r t _ <"$R/ended" && [ "$t" = "$1" ]; then # said before, and the answer got lost
	while IFS= read -r line; do result=$line; done <"$R/ended"
	case $result in confirmed*) echo "${result#confirmed }"; exit 0 ;; esac
	exit 21
fi 2>/dev/null
mine "$1" 10 || exit 21
mv "$R/armed" "$R/confirming" 2>/dev/null || exit 21
kept="session as asked"
if [ "$3" = flash ]; then
	others=$(foreign)
	if [ "$others" ]; then
		# shellcheck disable=SC2086,SC2116 # on one line
		kept="session because others staged edits: $(echo $others)"
	else
		cp "$X/etc/config/wireless" "$R/before" || exit 25
		uci -q commit wireless
		rc=$?
		# `uci commit` on a full flash exits 0 and leaves the file empty (seen 2025-02)
		if [ $rc = 0 ] && [ -s "$X/etc/config/wireless" ] && [ ! -s "$X/tmp/.uci/wireless" ] &&
			[ "$(uci -q get "wireless.$2.disabled")" = 0 ]; then
			kept=flash
		else
			[ -s "$X/etc/config/wireless" ] || cat "$R/before" >"$X/etc/config/wireless"
			rm -f "$R/before"
			say "uci commit failed (exit code $rc)"
			exit 25
		fi
	fi
fi
echo "confirmed $kept" >>"$R/confirming"
mv "$R/confirming" "$R/ended" || exit 21
rm -rf "$R/undo" "$R/before" "$R/lock"
echo "$kept"
