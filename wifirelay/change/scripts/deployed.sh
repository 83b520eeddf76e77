# ID; what has come of this deployment: running, died, ok, failed WHY; nothing when it never began.
read -r t word rest <"$X/tmp/wifirelay-deploy.$1/result" && [ "$t" = "$1" ] || exit 0
[ "$word" != running ] || kill -0 "$rest" 2>/dev/null || word=died
echo "$word $rest"
exit 0
