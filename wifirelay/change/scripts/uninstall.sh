# PATH...; not those of a package, which would miss them. What a service that lives writes stays.
if [ ! -e "$X/usr/lib/opkg/info/wifirelay.control" ] && [ ! -e "$X/lib/apk/packages/wifirelay.list" ]; then
	for path; do rm -f "$X$path" || exit 25; done
fi
for f in "$R"/* "$R"/.[!.]*; do
	case ${f##*/} in service | service-state) ;; *) rm -rf "$f" ;; esac
done
rm -f "$X/etc/config/".*.before # of a put back that a power cut ended
rmdir "$R" 2>/dev/null
exit 0
