# [URL DEVICE]; asks a login page's API (RFC 8908) for its JSON, by TLS whose certificate is checked. Exit
# code 31: no program here can, 32: there are no certificates; else that of the program. Without words: only that.
X=${WIFIRELAY_ROOT-}
u=${1-}
a='Accept: application/captive+json'
has() { command -v "$1" >/dev/null 2>&1; }
[ -s "$X/etc/ssl/certs/ca-certificates.crt" ] || [ -s "$X/etc/ssl/cert.pem" ] || exit 32
if has curl; then
	set -- curl -fsS --proto =https --max-time 8 --interface "${2-}" -H "$a" -- "$u"
elif has uclient-fetch && { [ -e "$X/lib/libustream-ssl.so" ] || [ -e "$X/usr/lib/libustream-ssl.so" ]; }; then
	set -- "$u"
	case $(uclient-fetch 2>&1) in *--header*) set -- --header="$a" "$u" ;; esac # since 2023
	set -- uclient-fetch -q -T 8 -O - "$@"
else
	case $(wget --version 2>&1) in # OpenWrt's own wget is uclient-fetch
	"GNU Wget"*) set -- wget -q -T 8 -t 1 --max-redirect=0 -O - --header="$a" -- "$u" ;;
	*) exit 31 ;;
	esac
fi
[ ! "$u" ] || "$@"
