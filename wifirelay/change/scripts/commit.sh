# ID NAME PACKAGE...; standard input: edits for `uci batch`. Stages and commits: all of the
# packages, or none. For setup, which changes nothing that runs.
id=$1 name=$2
shift 2
no_trial
mkdir -p "$R"
held=$(take_lock "$id" 60 "$name") || { say "$held"; exit 22; }
end() { rm -rf "$R"/before.* "$R/lock"; exit "$1"; }
others=$(foreign "$@")
[ ! "$others" ] || { say "$others"; end 24; }
undo() {
	for p; do
		uci -q revert "$p"
		put_back "$p"
	done
}
said=$(uci batch 2>&1)
if [ "$said" ]; then
	say "$said"
	undo "$@"
	end 25
fi
for p; do
	room && commit "$p" && continue
	undo "$@"
	end 25
done
end 0
