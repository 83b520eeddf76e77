# INTERFACE [ID]; takes its lease away and asks for another one, as `ifup` does. Nothing is staged.
# With an ID within that trial alone; without one beside no trial, which would lose what proves it.
if [ "${2-}" ]; then
	mine "$2" 10 || exit 21
else
	no_trial
fi
ubus -t 8 call "network.interface.$1" down 2>/dev/null
ubus -t 8 call "network.interface.$1" up # else it stays down until the next `ifup`
