# Reads wifirelay's state on the router; only what the shell has built in.
X=${WIFIRELAY_ROOT-}
R=$X/var/run/wifirelay
read -r up _ <"$X/proc/uptime"
read -r boot <"$X/proc/sys/kernel/random/boot_id"
echo "up ${up%.*}"
echo "boot $boot"
[ ! -x "$X/usr/sbin/wifirelay-sentry" ] || echo "installed"
[ ! -e "$R/resting" ] || echo "resting"
for d in "$X/tmp/dnsmasq.d" "$X/tmp/dnsmasq."*.d; do
	[ ! -e "$d/wifirelay.conf" ] || echo "portal"
done
for f in paused alive armed confirming rolling ended applied lock/owner service/owner "$R"/held.* "$R"/api.*; do
	f=${f#"$R/"}
	[ -e "$R/$f" ] && while IFS= read -r line; do printf '%s %s\n' "$f" "$line"; done <"$R/$f"
done
exit 0
