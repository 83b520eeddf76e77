# [ssh]: keeps the move of lan that waits; answers its new address. Only for who comes by that
# address, or not over the network at all. `ssh`: the caller did, whether the server tells or not.
id=
read -r id new 2>/dev/null <"$R/moving"
[ "$id" ] || exit 29
if read -r t _ <"$R/ended" && [ "$t" = "$id" ]; then # said before, and the answer got lost
	while IFS= read -r line; do result=$line; done <"$R/ended"
	case $result in confirmed*) echo "$new"; exit 0 ;; esac
	exit 29
fi 2>/dev/null
{ read -r t _ <"$R/armed" && [ "$t" = "$id" ]; } 2>/dev/null || exit 29
# shellcheck disable=SC2086
set -- ${1:-console} ${SSH_CONNECTION-} # whence, and four words: from where, port, where to, port
by=${4-}
by=${by#::ffff:}
[ "$by" ] || [ "$1" = console ] || by=unknown
[ ! "$by" ] || [ "$by" = "$new" ] || { say "$by $new"; exit 30; }
mine "$id" 5 || exit 21
mv "$R/armed" "$R/confirming" 2>/dev/null || exit 21
others=
for line in $(foreign network); do
	case ${line#[-+@|~^]} in network.lan.ipaddr | network.lan.netmask) ;; *) others="$others $line" ;; esac
done
if [ "$others" ]; then
	say "somebody else has staged$others"
	exit 25
fi
room || exit 25
# Once it is on flash, a rollback must not stage the old address over it.
printf 'revert network.lan.%s\n' ipaddr netmask >"$R/new" && mv "$R/new" "$R/undo" || exit 25
commit network || exit 25
# Whoever took the token meanwhile has rolled back: then that is how it ended.
mv "$R/confirming" "$R/kept" 2>/dev/null || exit 21
echo "confirmed flash" >>"$R/kept"
mv "$R/kept" "$R/ended"
tidy "$R/undo"
logger -t wifirelay "lan is $new now"
echo "$new"
