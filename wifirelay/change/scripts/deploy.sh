# ID SHA256 SECONDS; standard input: the service as a gzip'd tar (change/deploy.py says what is in
# it). Puts it in place, starts it, waits so long until it has looked at the router, and takes all
# of it back if it does not. The link may die meanwhile: `deployed` tells what came of it.
id=$1
D=$X/tmp/wifirelay-deploy
T=$X/usr/lib/wifirelay
S=$R/service-state
rm -rf "$D"
mkdir -p "$D" "$R"
cat >"$D/tar"
read -r sum _ <<-.
	$(sha256sum <"$D/tar")
.
if [ "$sum" != "$2" ]; then
	rm -rf "$D"
	say "the files came incomplete"
	exit 25
fi
echo "$id running $$" >"$D/result"

init() { "$X/etc/init.d/wifirelay" "$1" >/dev/null 2>&1; }

halt() { # procd only asks it to end: it may take 4 s, and write its state meanwhile
	old=
	read -r old <"$S/pid"
	init stop
	n=0
	while kill -0 "${old:-x}" && [ $n -lt 12 ]; do
		n=$((n + 1))
		sleep 1
	done
} 2>/dev/null

small() { # the files beside the tree: MODE PATH
	while read -r mode path; do "$1"; done <"$D/files"
}

put() {
	[ ! -e "$X$path" ] || { mkdir -p "$D/old${path%/*}" && cp -p "$X$path" "$D/old$path"; }
	mkdir -p "$X${path%/*}"
	cp "$D/root$path" "$X$path.new" && cmp -s "$D/root$path" "$X$path.new" &&
		chmod "$mode" "$X$path.new" && mv "$X$path.new" "$X$path" || bad=$path
}

put_old() {
	if [ -e "$D/old$path" ]; then
		cp -p "$D/old$path" "$X$path.new" && mv "$X$path.new" "$X$path"
	else
		rm -f "$X$path" "$X$path.new"
	fi
}

end() { # RESULT...
	echo "$id $*" >"$D/.result"
	mv "$D/.result" "$D/result"
	for f in "$D"/* "$D"/.[a-z]*; do [ "$f" = "$D/result" ] || rm -rf "$f"; done
	say "$*"
	[ "$1" = ok ] && exit 0
	exit 25
}

fail() { # WHY...: everything as it was
	rm -rf "$T.new"
	if [ "$begun" ]; then
		halt
		[ "$enabled" ] || init disable
		small put_old
		if [ -e "$T.old" ]; then
			rm -rf "$T"
			mv "$T.old" "$T"
		elif [ ! "$before" ]; then
			rm -rf "$T"
		fi
		if [ -e "$D/config" ]; then
			cmp -s "$D/config" "$X/etc/config/wifirelay" ||
				cat "$D/config" >"$X/etc/config/wifirelay"
		else
			rm -f "$X/etc/config/wifirelay"
		fi
		rm -f "$X/tmp/.uci/wifirelay"
		[ ! "$running" ] || init start
	fi
	end failed "$@"
}

begun='' before='' enabled='' running='' bad=''
# What an earlier one left that was cut short by a power cut.
[ -e "$T" ] || [ ! -e "$T.old" ] || mv "$T.old" "$T"
rm -rf "$T.new" "$T.old"
tar -xzf "$D/tar" -C "$D" 2>/dev/null || fail "the files could not be unpacked: is RAM full?"
rm "$D/tar"
python3 -X no_debug_ranges -IS "$D/compile.py" "$D/root/usr/lib/wifirelay" >"$D/said" 2>&1 ||
	fail "the router's Python could not compile it: $(tail -n 1 "$D/said")"
if [ -s "$X/tmp/.uci/wifirelay" ]; then
	fail "somebody has staged edits of its configuration: commit or revert them first"
fi
read -r need _ <<-.
	$(du -sk "$D/root")
.
read -r _ _ _ free _ <<-.
	$(df -k "$X/usr" | tail -n 1)
.
[ "$free" -gt $((need + 64)) ] || fail "flash has $free KiB free, and $((need + 64)) are needed"

mkdir -p "${T%/*}"
cp -r "$D/root/usr/lib/wifirelay" "$T.new" 2>/dev/null || fail "flash could not be written"
for p in "$D/root/usr/lib/wifirelay" "$T.new"; do
	# shellcheck disable=SC2038 # the names are ours
	(cd "$p" && find . -type f | xargs sha256sum | sort) >"$D/sum.${p##*/}"
done
cmp -s "$D/sum.wifirelay" "$D/sum.wifirelay.new" || fail "flash did not keep what was written"

[ ! -e "$T" ] || before=1
if [ -e "$X/etc/init.d/wifirelay" ]; then
	! init enabled || enabled=1
	! init running || running=1
fi
[ ! -e "$X/etc/config/wifirelay" ] || cp -p "$X/etc/config/wifirelay" "$D/config"
begun=1
[ ! "$before" ] || mv "$T" "$T.old"
mv "$T.new" "$T"
small put
[ ! "$bad" ] || fail "$bad could not be written: is the flash full?"
if [ ! -e "$D/config" ]; then
	cp "$D/default" "$X/etc/config/wifirelay.new" && chmod 600 "$X/etc/config/wifirelay.new" &&
		mv "$X/etc/config/wifirelay.new" "$X/etc/config/wifirelay" ||
		fail "its configuration could not be written"
fi
said=$(uci batch 2>&1 <"$D/batch")
if [ "$said" ] || ! commit wifirelay 2>"$D/said"; then
	uci -q revert wifirelay
	rm -rf "$R"/before.*
	fail "its configuration could not be written: $said$(cat "$D/said" 2>/dev/null)"
fi
rm -rf "$R"/before.*
halt
rm -f "$S/status.json"
init enable
init start || fail "it could not be started"
n=0
pid=
# The file has no end of line: `read` fails, and has read it.
until [ -e "$S/status.json" ] && { read -r pid <"$S/pid" || :; } && kill -0 "${pid:-x}" 2>/dev/null; do
	n=$((n + 1))
	[ $n -lt "$3" ] || fail "it was started and gave no answer: $(logread -e wifirelay | tail -n 1)"
	sleep 1
done
rm -rf "$T.old"
for f in "$X/var/run/rpcd/snapshot-files"/*; do [ ! -e "$f" ] || bad=1; done
if [ "$bad" ]; then # a LuCI apply waits for its confirmation: rpcd would forget it
	end ok later
fi
[ ! -x "$X/etc/init.d/rpcd" ] || "$X/etc/init.d/rpcd" reload >/dev/null 2>&1
end ok
