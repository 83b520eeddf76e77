# ID NAME SEEN; standard input: edits for `uci batch` of the package wifirelay. Writes them to flash, all
# or none, and tells procd. For the known networks: nothing that runs is touched, so a trial may run.
f=$X/etc/config/wifirelay
L=$R/configuring
mkdir -p "$R"
held=$(take_lock "$1" 60 "$2" "$L") || { say "$held"; exit 22; }
made=
end() {
	[ "$1" = 0 ] || [ ! "$made" ] || rm -f "$f"
	rm -rf "$L" "${f%/*}/.wifirelay.before"
	exit "$1"
}
[ ! -s "$X/tmp/.uci/wifirelay" ] || end 24
[ "$(uci -q export wifirelay | sha256sum)" = "$3" ] || end 28
if [ ! -e "$f" ]; then
	made=1
	true >"$f" || { say "its file could not be made"; end 25; }
fi
chmod 600 "$f" # it holds keys
said=$(uci batch 2>&1)
# The old text, which may hold keys, lies in the lock's folder and goes with it.
if [ "$said" ] || ! (R=$L && commit wifirelay); then
	[ ! "$said" ] || say "$said"
	uci -q revert wifirelay
	end 25
fi
ubus -S -t 5 call service event '{"type":"config.change","data":{"package":"wifirelay"}}' >/dev/null 2>&1
end 0
