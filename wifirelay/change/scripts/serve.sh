# ID SECONDS NAME; says that this service looks after the router, for so long; renews it.
mkdir -p "$R"
held=$(take_lock "$1" "$2" "$3" "$R/service") || { say "$held"; exit 22; }
