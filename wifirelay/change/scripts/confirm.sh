# ID KEEP; answers how the uplink is kept: flash or session, and why.
if read -r t _ <"$R/ended" && [ "$t" = "$1" ]; then # said before, and the answer got lost
	while IFS= read -r line; do result=$line; done <"$R/ended"
	case $result in confirmed*) echo "${result#confirmed }"; exit 0 ;; esac
	exit 21
fi 2>/dev/null
mine "$1" 10 || exit 21
mv "$R/armed" "$R/confirming" 2>/dev/null || exit 21
kept="session as asked"
if [ "$2" = flash ]; then
	others=$(foreign wireless)
	if [ "$others" ]; then
		# shellcheck disable=SC2086,SC2116 # on one line
		kept="session because others staged edits: $(echo $others)"
	else
		commit wireless || exit 25
		kept=flash
	fi
fi
# Whoever took the token meanwhile has rolled back: then that is how it ended.
mv "$R/confirming" "$R/kept" 2>/dev/null || exit 21
echo "confirmed $kept" >>"$R/kept"
mv "$R/kept" "$R/ended"
tidy "$R/undo" "$R"/held.*
echo "$kept"
