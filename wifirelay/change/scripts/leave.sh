# ID NAME N; standard input: what brings every own section to its baseline, for `uci batch`. So many
# edits of others may be staged: they change nothing.
no_trial
mkdir -p "$R"
held=$(take_lock "$1" 60 "$2") || { say "$held"; exit 22; }
at_most "${3-0}" || { rm -rf "$R/lock"; exit 24; }
true >"$R/resting"
for s in $(uci -q show wireless | sed -n 's/^wireless\.\(wifirelay\w*\)=wifi-iface$/\1/p'); do
	uci -q revert "wireless.$s"
done
uci -q batch
rm -f "$R"/held.*
wifi reload && rm -f "$R/resting" # else the sentry reloads
exit 0
