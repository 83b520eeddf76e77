# Is there a Python for the service, who installs packages here, and is wifirelay one of them?
X=${WIFIRELAY_ROOT-}
# Imports what python3-base alone lacks: python3-light is needed.
python3 -IS -c 'import argparse, json, select, signal, subprocess, sys
print("python %d.%d" % sys.version_info[:2])' 2>/dev/null || ! command -v python3 >/dev/null || echo "base"
for m in apk opkg; do
	command -v "$m" >/dev/null && echo "packages $m"
done
if [ -e "$X/usr/lib/opkg/info/wifirelay.control" ] || [ -e "$X/lib/apk/packages/wifirelay.list" ]; then
	echo "packaged"
fi
[ ! -e "$X/usr/lib/wifirelay" ] || echo "installed"
command -v opkg >/dev/null && opkg info python3-light 2>/dev/null |
	while IFS=': ' read -r k v _; do
		case $k in Size | Installed-Size) echo "$k $v" ;; esac
	done
exit 0
