# ID NAME PURGE PATH...; takes the service off the router. The uplink stays as it is; PURGE `yes`: its
# configuration goes too.
purge=$3
forget_dead
held=$(take_lock "$1" 120 "$2" "$R/deploying") || { say "$held"; exit 22; }
shift 3
if [ -e "$X/etc/init.d/wifirelay" ]; then
	halt
	init disable
fi
for path; do rm -f "$X$path" || exit 25; done
rm -rf "$T" "$T.new" "$T.old" "$T.put" "$X/tmp/wifirelay-deploy".* "$R/service-state" || exit 25
rm -f "$R/paused"
if [ "$purge" = yes ]; then
	rm -f "$X/etc/config/wifirelay" "$X/tmp/.uci/wifirelay" || exit 25
fi
rm -rf "$R/deploying"
renew_objects
exit 0
