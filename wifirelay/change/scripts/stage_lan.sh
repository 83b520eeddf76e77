# ID ADDRESS; standard input: the edits of lan's address, for `uci batch`. Answers `network` as it reads now.
mine "$1" 20 || exit 21
if ! { read -r t _ <"$R/moving" && [ "$t" = "$1" ]; } 2>/dev/null; then # else it was done, and the answer got lost
	others=$(foreign network wireless firewall)
	[ ! "$others" ] || { say "$others"; exit 24; }
fi
echo "$1 $2" >"$R/moving" || exit 25
uci -q batch
if ! mine "$1" 15; then # the sentry was quicker: leave nothing behind
	uci -q revert network.lan.ipaddr
	uci -q revert network.lan.netmask
	true >"$R/resting" # and its reload may have read it
	exit 21
fi
ubus -S -t 8 call uci get '{"config":"network"}'
