# PATH MODE SHA256; standard input: the content. Does nothing where it is there already.
new=$X$1.new.$$
sum() { sha256sum <"$1" | { read -r s _; echo "$s"; }; }
[ -e "$X$1" ] && [ "$(sum "$X$1")" = "$3" ] && { cat >/dev/null; exit 0; }
mkdir -p "$X${1%/*}"
cat >"$new" && [ "$(sum "$new")" = "$3" ] && chmod "$2" "$new" && mv "$new" "$X$1" && exit 0
rm -f "$new"
say "$1: incomplete"
exit 25
