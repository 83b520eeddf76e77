# ID; what the service has answered, if it has.
while IFS= read -r line; do printf '%s\n' "$line"; done 2>/dev/null <"$R/answers/$1"
exit 0
