# ID NAME; commits the uplink as it is. Answers how it is kept now, as confirm.sh does.
no_trial
held=$(take_lock "$1" 60 "$2") || { say "$held"; exit 22; }
kept=flash
if [ -s "$X/tmp/.uci/wireless" ]; then
	others=$(foreign wireless)
	if [ "$others" ]; then
		# shellcheck disable=SC2086,SC2116 # on one line
		kept="session because others staged edits: $(echo $others)"
	else
		commit wireless || { tidy; exit 25; }
	fi
fi
tidy
echo "$kept"
