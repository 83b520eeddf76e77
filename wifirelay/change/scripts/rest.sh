# ID NAME SECONDS; disables the own sections (staged), so that no station searches. After
# SECONDS without a word the sentry may allow them again when it hears their network.
no_trial
mkdir -p "$R"
held=$(take_lock "$1" 25 "$2") || { say "$held"; exit 22; }
# Killed between the edits and the reload, somebody has to know: netifd still runs the station.
changed=
[ ! -e "$R/resting" ] || changed=1
true >"$R/resting"
for s in $(uci -q show wireless | sed -n 's/^wireless\.\(wifirelay\w*\)=wifi-iface$/\1/p'); do
	[ "$(uci -q get "wireless.$s.disabled")" = 1 ] && continue
	uci -q revert "wireless.$s.disabled"
	[ "$(uci -q get "wireless.$s.disabled")" = 1 ] || uci -q set "wireless.$s.disabled=1"
	echo "$((up + $3)) 30" >"$R/held.$s"
	changed=1
done
{ [ ! "$changed" ] || wifi reload; } && rm -f "$R/resting" # else the sentry reloads
rm -rf "$R/lock"
