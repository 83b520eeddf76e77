# For deploy and undeploy, behind the prelude: both work on the same service.
T=$X/usr/lib/wifirelay
S=$R/service-state

forget_dead() { # an installation that was killed holds no lock any more
	read -r other _ <"$R/deploying/owner" && read -r _ w p <"$X/tmp/wifirelay-deploy.$other/result" || return 0
	[ "$w" != running ] || ! kill -0 "$p" || return 0
	rm -rf "$R/deploying"
	read -r o _ <"$R/configuring/owner" && [ "$o" = "$other" ] && rm -rf "$R/configuring"
} 2>/dev/null

init() { "$X/etc/init.d/wifirelay" "$1" >/dev/null 2>&1; }

halt() { # procd only asks it to end: it may take 4 s, and write its state meanwhile
	old=
	read -r old <"$S/pid"
	init stop
	n=0
	while kill -0 "${old:-x}" && [ $n -lt 12 ]; do
		n=$((n + 1))
		sleep 1
	done
	rm -f "$S/status.json"
} 2>/dev/null

renew_objects() { # rpcd finds them when it starts; but it forgets a LuCI apply that waits to be confirmed
	for f in "$X/var/run/rpcd/snapshot-files"/*; do [ ! -e "$f" ] || return 1; done
	[ ! -x "$X/etc/init.d/rpcd" ] || "$X/etc/init.d/rpcd" reload >/dev/null 2>&1
	return 0
}
