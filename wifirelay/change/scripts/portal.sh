# open HOST ADDRESS | close; clients of this router get that address for the name of a login page:
# dnsmasq refuses them private addresses out of the upstream's mouth (rebind protection).
n=0
for d in "$X/tmp/dnsmasq.d" "$X/tmp/dnsmasq."*.d; do # one for each instance since 24.10
	[ -d "$d" ] || continue
	f=$d/wifirelay.conf was=
	[ ! -e "$f" ] || read -r was <"$f"
	[ "$1" != close ] || { [ ! -e "$f" ] || rm -f "$f" && [ ! "$was" ] || n=1; continue; }
	[ "$was" != "host-record=$2,$3" ] || continue
	echo "host-record=$2,$3" >"$f.new" && chmod 644 "$f.new" && mv "$f.new" "$f" && n=1 || exit 25
done
[ $n = 0 ] || "$X/etc/init.d/dnsmasq" restart # it reads that folder only then
