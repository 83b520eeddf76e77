# ID SHA256 SECONDS NAME; standard input: the service as a gzip'd tar (change/deploy.py says what is
# in it). Puts it in place, starts it, waits so long until it has looked at the router, and takes all
# of it back if it does not. The link may die meanwhile: `deployed` tells what came of it.
#
# A tree holds its own copies of the files beside it, and until it is proved how it was before: so
# whoever comes after a power cut, or a kill, finds the way back (`mend`).
id=$1
D=$X/tmp/wifirelay-deploy.$id
C=$X/etc/config/wifirelay
mkdir -p "$D" "$R"
cat >"$D/tar"
read -r sum _ <<-.
	$(sha256sum <"$D/tar")
.
if [ "$sum" != "$2" ]; then
	rm -rf "$D"
	say "the files came incomplete: is RAM full?"
	exit 25
fi

forget_dead
held=$(take_lock "$id" 600 "$4" "$R/deploying") || { rm -rf "$D"; say "$held"; exit 22; }
echo "$id running $$" >"$D/result"
for f in "$X/tmp/wifirelay-deploy".*; do [ "$f" = "$D" ] || rm -rf "$f"; done

start() { # a pause is the owner's: an upgrade does not end it
	why=
	[ ! -e "$R/paused" ] || read -r why <"$R/paused"
	init start || return 1
	[ ! "$why" ] || { echo "$why" >"$R/.paused" && mv "$R/.paused" "$R/paused"; }
}

put() { # the files beside the tree
	bad=
	while read -r mode path; do
		mkdir -p "$X${path%/*}"
		cp "$T/files$path" "$T.put" && cmp -s "$T/files$path" "$T.put" &&
			chmod "$mode" "$T.put" && mv "$T.put" "$X$path" || bad=$path
	done <"$T/manifest"
} 2>/dev/null

settings_back() {
	[ -e "$T/config.after" ] || uci -q revert wifirelay
	if [ -e "$T/config.after" ] && ! cmp -s "$T/config.after" "$C"; then
		return # somebody has edited it since: theirs
	elif [ -e "$T/config.before" ]; then
		cmp -s "$T/config.before" "$C" ||
			{ cp -p "$T/config.before" "${C%/*}/.wifirelay.new" && mv "${C%/*}/.wifirelay.new" "$C"; }
	elif [ -e "$T/config.absent" ]; then
		rm -f "$C"
	fi
}

mend() { # from a tree that is not proved back to what was before it
	enabled=0 running=0
	if [ -e "$T/unproved" ]; then
		halt
		read -r enabled running <"$T/unproved"
		settings_back
		[ "$enabled" = 1 ] || init disable
		while read -r _ path; do
			[ -e "$T.old/files$path" ] || rm -f "$X$path"
		done <"$T/manifest"
		rm -rf "$T"
		[ ! -e "$T.old" ] || { mv "$T.old" "$T" && put; }
	else
		[ ! -e "$T.new/unproved" ] || read -r _ running <"$T.new/unproved"
		[ -e "$T" ] || [ ! -e "$T.old" ] || mv "$T.old" "$T"
	fi
	[ "$running" = 0 ] || init running || start
	rm -rf "$T.new" "$T.old" "$T.put"
}

end() { # RESULT...
	echo "$id $*" >"$D/.result"
	mv "$D/.result" "$D/result"
	for f in "$D"/*; do [ "$f" = "$D/result" ] || rm -rf "$f"; done
	rm -rf "$R/deploying" "${C%/*}/.wifirelay.before"
	say "$*"
	[ "$1" = ok ] && exit 0
	exit 25
}

fail() { # WHY...: everything as it was
	mend
	end failed "$@"
}

mend
tar -xzf "$D/tar" -C "$D" 2>/dev/null || fail "the files could not be unpacked: is RAM full?"
rm "$D/tar"
python3 -X no_debug_ranges -IS "$D/compile.py" "$D/tree" >"$D/said" 2>&1 ||
	fail "the router's Python could not compile it: $(tail -n 1 "$D/said")"
[ ! -s "$X/tmp/.uci/wifirelay" ] || fail "somebody has staged edits of its configuration: commit or revert them"
read -r need _ <<-.
	$(du -sk "$D/tree")
.
free=$(kib_free "$X/usr")
[ "$free" -gt $((need + 64)) ] || fail "flash has $free KiB free, and $((need + 64)) are needed"
mkdir -p "${T%/*}"
cp -r "$D/tree" "$T.new" 2>/dev/null || fail "flash could not be written"
for p in "$D/tree" "$T.new"; do
	# shellcheck disable=SC2038 # the names are ours
	(cd "$p" && find . -type f | xargs sha256sum | sort) >"$D/sum.${p##*/}"
done
[ -s "$D/sum.tree" ] && cmp -s "$D/sum.tree" "$D/sum.wifirelay.new" || fail "flash did not keep what was written"
enabled=0 running=0
if [ -e "$T" ] && [ -e "$X/etc/init.d/wifirelay" ]; then
	! init enabled || enabled=1
	! init running || running=1
fi
if [ -e "$C" ]; then
	cp -p "$C" "$T.new/config.before" && cmp -s "$C" "$T.new/config.before"
else
	true >"$T.new/config.absent"
fi && echo "$enabled $running" >"$T.new/unproved" || fail "flash could not be written"

halt
{ [ ! -e "$T" ] || mv "$T" "$T.old"; } && mv "$T.new" "$T" || fail "flash could not be written"
put
[ ! "$bad" ] || fail "$bad could not be written: is the flash full?"
n=0
until held=$(take_lock "$id" 60 "$4" "$R/configuring"); do
	n=$((n + 1))
	[ $n -lt 10 ] || fail "its configuration is being edited: $held"
	sleep 1
done
trap 'rm -rf "$R/configuring"' EXIT
[ "$(uci -q export wifirelay | sha256sum)" = "$(cat "$D/seen")" ] ||
	fail "its configuration was edited meanwhile: install again"
if [ ! -e "$C" ]; then
	cp "$D/default" "${C%/*}/.wifirelay.new" && mv "${C%/*}/.wifirelay.new" "$C" ||
		fail "its configuration could not be written"
fi
chmod 600 "$C" # it holds keys
said=$(uci batch 2>&1 <"$D/batch")
[ ! "$said" ] && (R=$D && commit wifirelay) 2>"$D/said" && cp "$C" "$T/config.after" ||
	fail "its configuration could not be written: $said$(cat "$D/said")"
rm -rf "$R/configuring"
trap - EXIT
init enable
start || fail "it could not be started"
n=0 pid=
# The file has no end of line: `read` fails, and has read it.
until [ -e "$S/status.json" ] && { read -r pid <"$S/pid" || :; } && kill -0 "${pid:-x}" 2>/dev/null; do
	n=$((n + 1))
	[ $n -lt "$3" ] || fail "it was started and gave no answer: $(logread -e wifirelay | tail -n 1)"
	sleep 1
done
rm -f "$T/unproved" "$T"/config.*
[ ! -e "$T.old/manifest" ] || while read -r _ path; do
	[ -e "$T/files$path" ] || rm -f "$X$path" # of the old version only
done <"$T.old/manifest"
rm -rf "$T.old"
renew_objects || end ok later
end ok
