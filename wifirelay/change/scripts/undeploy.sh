# ID NAME PURGE PATH...; takes the service off the router. The uplink stays as it is; PURGE `yes`: its
# configuration goes too.
purge=$3
if read -r other _ <"$R/deploying/owner" && read -r _ w p <"$X/tmp/wifirelay-deploy.$other/result"; then
	if [ "$w" != running ] || ! kill -0 "$p"; then # killed
		rm -rf "$R/deploying"
		read -r o _ <"$R/configuring/owner" && [ "$o" = "$other" ] && rm -rf "$R/configuring"
	fi
fi 2>/dev/null
held=$(take_lock "$1" 120 "$2" "$R/deploying") || { say "$held"; exit 22; }
shift 3
if [ -e "$X/etc/init.d/wifirelay" ]; then
	pid=
	read -r pid <"$R/service-state/pid"
	for a in stop disable; do "$X/etc/init.d/wifirelay" "$a" >/dev/null; done
	n=0 # procd only asks it to end
	while kill -0 "${pid:-x}" && [ $n -lt 12 ]; do
		n=$((n + 1))
		sleep 1
	done
fi 2>/dev/null
T=$X/usr/lib/wifirelay
for path; do rm -f "$X$path" || exit 25; done
rm -rf "$T" "$T.new" "$T.old" "$T.put" "$X/tmp/wifirelay-deploy".* "$R/service-state" || exit 25
rm -f "$R/paused"
if [ "$purge" = yes ]; then
	rm -f "$X/etc/config/wifirelay" "$X/tmp/.uci/wifirelay" || exit 25
fi
rm -rf "$R/deploying"
for f in "$X/var/run/rpcd/snapshot-files"/*; do [ ! -e "$f" ] || exit 0; done
[ ! -x "$X/etc/init.d/rpcd" ] || "$X/etc/init.d/rpcd" reload >/dev/null 2>&1
exit 0
