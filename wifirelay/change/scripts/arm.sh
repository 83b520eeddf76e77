# ID SECONDS NAME [HEED]; with HEED not while a pause lasts; standard input: the sections, those to be off after a rollback, those of
# them that the sentry may allow again, and how to undo (lines for `uci batch`).
if [ "${4-}" ] && [ -e "$R/paused" ]; then
	cat "$R/paused" >&2
	exit 27
fi
no_trial
# A repeated packet of a trial that is over, and perhaps confirmed: it would be undone.
{ read -r t _ <"$R/ended" && [ "$t" = "$1" ]; } 2>/dev/null && exit 21
[ -p "$R/poke" ] || exit 23
held=$(take_lock "$1" $(($2 + 60)) "$3") || { say "$held"; exit 22; }
give_up() { rm -rf "$R/new" "$R/armed" "$R/undo" "$R/lock"; exit "$1"; }
IFS= read -r all
IFS= read -r offs
IFS= read -r waiting
while IFS= read -r line; do printf '%s\n' "$line" || give_up 25; done >"$R/undo"
for s in $waiting; do
	[ -e "$R/held.$s" ] || echo "$((up + $2 + 60)) 60" >"$R/held.$s"
done
[ ! -e "$R/ended" ] || rm -f "$R/ended"
{ printf '%s %s %s\n%s\n%s\n' "$1" "$boot" "$((up + $2))" "$all" "$offs" >"$R/new" &&
	mv "$R/new" "$R/armed"; } || give_up 25
exec 4<>"$R/acks"
echo arm 1<>"$R/poke"
n=0
while [ $n -lt 8 ]; do
	# shellcheck disable=SC3045 # busybox ash has `read -t`
	read -r -t 1 got <&4 && [ "$got" = "$1" ] && exit 0
	[ "$got" ] || n=$((n + 1))
	got=
done
give_up 23
