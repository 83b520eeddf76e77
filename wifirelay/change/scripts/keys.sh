# Shared by the scripts that look after `keys/ID`: UNTIL, an uptime, and a line with the key that the
# request ID brings along. One that nobody took by then is removed.
sweep_keys() {
	for f in "$R"/keys/*; do
		[ -s "$f" ] || continue # being written just now
		{ read -r end <"$f" && [ "$up" -le "$end" ]; } 2>/dev/null || rm -f "$f"
	done
}
