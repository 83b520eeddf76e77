# ID UNTIL; standard input: the key for that request, one line. It lies in RAM until it is taken.
mkdir -p "$R/keys" || exit 25
sweep_keys
IFS= read -r key
printf '%s\n%s' "$2" "$key" >"$R/keys/$1" || { rm -f "$R/keys/$1"; exit 25; }
