# INTERFACE [ID]; takes its lease away and asks for another one, as `ifup` does. Nothing is staged.
# With an ID within that trial alone.
[ ! "${2-}" ] || mine "$2" 10 || exit 21
ubus -t 8 call "network.interface.$1" down && ubus -t 8 call "network.interface.$1" up
