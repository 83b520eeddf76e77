# ID NAME SEEN PACKAGE...; standard input: edits for `uci batch`. Stages and commits: all of the
# packages, or none. For setup, which changes nothing that runs. SEEN: own sections' options that may be staged.
id=$1 name=$2 seen=" $3 "
shift 3
no_trial
mkdir -p "$R"
held=$(take_lock "$id" 60 "$name") || { say "$held"; exit 22; }
rm -f "$R"/before.* # of a commit that was cut off: `undo` is not to bring that back
end() { tidy; exit "$1"; }
own() { # the staged edits of own sections that setup has not seen: an uplink of this very moment
	[ -s "$X/tmp/.uci/wireless" ] || return 0
	while IFS= read -r line; do
		line=${line#[-+@|~^]} line=${line%%=*}
		case $seen in *" $line "*) continue ;; esac
		case $line in wireless.wifirelay*) printf '%s\n' "$line" ;; esac
	done <"$X/tmp/.uci/wireless"
}
others=$(
	foreign "$@"
	case " $* " in *" wireless "*) own ;; esac
)
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
