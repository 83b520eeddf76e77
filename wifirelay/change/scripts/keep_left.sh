# ID; after leave.sh: the baseline on flash too, if it is not there. Answers what was done.
if [ -e "$R/lock" ]; then # else: done before, and the answer got lost
	read -r o _ <"$R/lock/owner" && [ "$o" = "$1" ] || exit 22
fi
answer=unchanged
if [ -s "$X/tmp/.uci/wireless" ]; then
	others=$(foreign)
	if [ "$others" ]; then
		# shellcheck disable=SC2086,SC2116 # on one line
		answer="staged because others staged edits: $(echo $others)"
	else
		cp "$X/etc/config/wireless" "$R/before" || exit 25
		uci -q commit wireless || { say "uci commit failed"; rm -f "$R/before"; exit 25; }
		[ -s "$X/etc/config/wireless" ] || {
			cat "$R/before" >"$X/etc/config/wireless"
			say "uci commit left an empty file: is the flash full?"
			rm -f "$R/before"
			exit 25
		}
		rm -f "$R/before"
		answer=committed
	fi
fi
rm -rf "$R/lock"
echo "$answer"
