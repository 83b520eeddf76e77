# ID SECONDS NAME; standard input: the sections, those to be off after a rollback, and how
# to undo (lines for `uci batch`). Answers the deadline in uptime seconds.
for token in armed confirming rolling; do
	[ ! -e "$R/$token" ] || exit 26
done
[ -p "$R/poke" ] || exit 23
held=$(take_lock "$1" $(($2 + 60)) "$3") || { say "$held"; exit 22; }
IFS= read -r all
IFS= read -r offs
while IFS= read -r line; do printf '%s\n' "$line"; done >"$R/undo"
[ ! -e "$R/ended" ] || rm -f "$R/ended"
printf '%s %s %s\n%s\n%s\n' "$1" "$boot" "$((up + $2))" "$all" "$offs" >"$R/armed" || exit 25
exec 4<>"$R/acks"
echo arm 1<>"$R/poke"
n=0
while [ $n -lt 8 ]; do
	# shellcheck disable=SC3045 # busybox ash has `read -t`
	read -r -t 1 got <&4 && [ "$got" = "$1" ] && { echo $((up + $2)); exit 0; }
	[ "$got" ] || n=$((n + 1))
	got=
done
rm -rf "$R/armed" "$R/undo" "$R/lock"
exit 23
