# PURGE PATH...; takes the service off the router. The uplink stays as it is; `yes`: its configuration
# goes too.
purge=$1
shift
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
for path; do rm -f "$X$path" "$X$path.new" || exit 25; done
for t in "$X/usr/lib/wifirelay" "$X/tmp/wifirelay-deploy" "$R/service-state"; do
	rm -rf "$t" "$t.new" "$t.old" || exit 25
done
rm -f "$R/paused"
if [ "$purge" = yes ]; then
	rm -f "$X/etc/config/wifirelay" "$X/tmp/.uci/wifirelay" || exit 25
fi
for f in "$X/var/run/rpcd/snapshot-files"/*; do [ ! -e "$f" ] || exit 0; done
[ ! -x "$X/etc/init.d/rpcd" ] || "$X/etc/init.d/rpcd" reload >/dev/null 2>&1
exit 0
