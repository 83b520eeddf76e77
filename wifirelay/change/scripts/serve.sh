# ID SECONDS NAME; says that this service looks after the router, for so long; renews it. What
# another one was asked for, and has not done, nobody does any more.
mkdir -p "$R"
o=
read -r o _ 2>/dev/null <"$R/service/owner"
held=$(take_lock "$1" "$2" "$3" "$R/service") || { say "$held"; exit 22; }
[ "$o" = "$1" ] || rm -rf "$R/answers" "$R/keys"
sweep_keys
