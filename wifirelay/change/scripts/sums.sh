# PATH...: of each that is there its SHA-256, whether it can be executed (x or -), and its path.
X=${WIFIRELAY_ROOT-}
for f; do
	[ -e "$X$f" ] || continue
	s=$(sha256sum <"$X$f") m=-
	[ ! -x "$X$f" ] || m=x
	echo "${s%% *} $m $f"
done
exit 0
