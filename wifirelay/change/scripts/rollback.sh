# ID; rolls the trial back unless it has ended. Answers the end that it came to.
for token in armed confirming; do
	read -r t _ <"$R/$token" && [ "$t" = "$1" ] && mv "$R/$token" "$R/rolling" || continue
	{ read -r _; read -r all; read -r offs; } <"$R/rolling"
	for s in $all; do uci -q revert "wireless.$s"; done
	uci -q batch <"$R/undo"
	for s in $offs; do
		[ "$(uci -q get "wireless.$s.disabled")" = 1 ] || uci -q set "wireless.$s.disabled=1"
	done
	wifi reload || true >"$R/resting" # the sentry does it then
	echo "rolled-back controller" >>"$R/rolling"
	mv "$R/rolling" "$R/ended"
	rm -rf "$R/undo" "$R/lock"
done 2>/dev/null
if read -r t _ <"$R/ended" && [ "$t" = "$1" ]; then
	while IFS= read -r line; do result=$line; done <"$R/ended"
	echo "$result"
elif [ -e "$R/rolling" ]; then
	echo "rolling" # the sentry is at it
else
	echo "unknown"
fi 2>/dev/null
