# ID; answers the key of that request, which is gone then. Exits with 1 where there is none.
f=$R/keys/$1
key=
{ read -r _ && IFS= read -r key || [ "$key" ]; } 2>/dev/null <"$f"
found=$?
rm -f "$f"
sweep_keys
[ $found = 0 ] || exit 1
printf '%s' "$key"
