# SECONDS; the service lives: the sentry leaves the sections that rest alone for so long.
for h in "$R"/held.*; do
	[ -e "$h" ] && read -r t p <"$h" && [ "$t" != - ] && echo "$((up + $1)) $p" >"$h"
done
exit 0
