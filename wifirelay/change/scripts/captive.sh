# [URL DEVICE]; asks a login page's API (RFC 8908) for its JSON, by TLS whose certificate is checked. Exit
# code 31: no program here can, 32: there are no certificates; else that of the program. Without words: only that.
X=${WIFIRELAY_ROOT-}
u=${1-}
c=$X/etc/ssl/certs
a='Accept: application/captive+json'
rc=31
has() { command -v "$1" >/dev/null 2>&1; }
any() { # FILE...: of those where the program at hand looks for certificates
	rc=32
	for f; do [ ! -s "$f" ] || return 0; done
	return 1
}
if has curl && any "$c/ca-certificates.crt"; then
	set -- curl -fsS --proto =https --max-time 8 --interface "${2-}" -H "$a" -- "$u"
elif has uclient-fetch && { [ -e "$X/lib/libustream-ssl.so" ] || [ -e "$X/usr/lib/libustream-ssl.so" ]; } && any "$c"/*.crt; then
	set -- "$u"
	case $(uclient-fetch 2>&1) in *--header*) set -- --header="$a" "$u" ;; esac # since 2023
	set -- uclient-fetch -q -T 8 -O - "$@"
else
	case $(wget --version 2>&1) in # OpenWrt's own wget is uclient-fetch
	"GNU Wget"*) any "$X/etc/ssl/cert.pem" "$c"/*.0 ;;
	*) false ;;
	esac || exit $rc
	set -- wget -q -T 8 -t 1 --max-redirect=0 -O - --header="$a" -- "$u"
fi
[ ! "$u" ] || "$@"
