# ID; what has come of this deployment: running, ok, failed WHY; nothing when it never began.
read -r t result <"$X/tmp/wifirelay-deploy/result" && [ "$t" = "$1" ] && echo "$result"
exit 0
