# ID; after leave.sh: the baseline on flash too, if it is not there. Answers what was done.
if [ -e "$R/lock" ]; then # else: done before, and the answer got lost
	read -r o _ <"$R/lock/owner" && [ "$o" = "$1" ] || exit 22
fi
answer=unchanged
if [ -s "$X/tmp/.uci/wireless" ]; then
	others=$(foreign wireless)
	if [ "$others" ]; then
		# shellcheck disable=SC2086,SC2116 # on one line
		answer="staged because others staged edits: $(echo $others)"
	else
		room && commit wireless || exit 25
		answer=committed
	fi
fi
tidy
echo "$answer"
