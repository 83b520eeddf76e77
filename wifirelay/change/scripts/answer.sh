# ID; standard input: what the service tells the command that asked. Some are kept.
mkdir -p "$R/answers"
for f in "$R"/answers/*; do n=$((${n-0} + 1)); done
[ "$n" -lt 65 ] || rm -f "$R"/answers/*
sweep_keys
cat >"$R/answers/.$1" && mv "$R/answers/.$1" "$R/answers/$1"
