# ID N; standard input: the edits for `uci batch`. Answers the package as it reads now. So
# many edits of others may be staged, and no more: they are known, and left as they are.
mine "$1" 20 || exit 21
at_most "${2-0}" || exit
uci -q batch
if ! mine "$1" 10; then # the sentry was quicker: leave nothing behind
	for s in $(uci -q show wireless | sed -n 's/^wireless\.\(wifirelay\w*\)=wifi-iface$/\1/p'); do
		uci -q revert "wireless.$s"
	done
	true >"$R/resting" # and its reload may have read it
	exit 21
fi
ubus -S -t 8 call uci get '{"config":"wireless"}'
