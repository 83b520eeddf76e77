# [WHY]; the service joins nothing from now on, or, without a reason, goes on.
mkdir -p "$R"
if [ "${1-}" ]; then
	printf '%s\n' "$1" >"$R/.paused" && mv "$R/.paused" "$R/paused" || exit 25
else
	rm -f "$R/paused"
fi
