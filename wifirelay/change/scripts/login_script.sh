# PATH; standard input: facts, as JSON. A program of the owner's logs in.
[ -f "$1" ] && [ -x "$1" ] || { say "it is not a program on this router"; exit 126; }
[ -O "$1" ] && [ ! "$(find "$1" -perm -0002)" ] || { say "it can be changed by others than root"; exit 126; }
trap - HUP PIPE # it ends with the link, and with our patience
exec "$1"
