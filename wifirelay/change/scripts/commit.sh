# ID NAME PACKAGE...; standard input: edits for `uci batch`. Stages, reads back, commits:
# all of the packages, or none. For setup, which changes nothing that runs.
id=$1 name=$2
shift 2
mkdir -p "$R"
held=$(take_lock "$id" 60 "$name") || { say "$held"; exit 22; }
undo() {
	for p; do
		uci -q revert "$p"
		[ ! -e "$R/before.$p" ] || cat "$R/before.$p" >"$X/etc/config/$p"
	done
}
end() { rm -rf "$R"/before.* "$R/lock"; }
said=$(uci batch 2>&1)
if [ "$said" ]; then
	say "$said"
	undo "$@"
	end
	exit 25
fi
for p; do
	cp "$X/etc/config/$p" "$R/before.$p" &&
		uci -q commit "$p" &&
		[ -s "$X/etc/config/$p" ] && [ ! -s "$X/tmp/.uci/$p" ] && continue
	say "$p could not be written: is the flash full or read-only?"
	undo "$@"
	end
	exit 25
done
end
