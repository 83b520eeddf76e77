# URL DEVICE; asks a login page's API (RFC 8908) for its JSON, by TLS whose certificate is checked. Exit
# code 31: no program here can, 32: there are no certificates; else that of the program.
X=${WIFIRELAY_ROOT-}
a='Accept: application/captive+json'
has() { command -v "$1" >/dev/null 2>&1; }
[ -s "$X/etc/ssl/certs/ca-certificates.crt" ] || [ -s "$X/etc/ssl/cert.pem" ] || exit 32
if has curl; then
	exec curl -fsS --proto =https --max-time 8 --interface "$2" -H "$a" -- "$1"
elif has uclient-fetch && { [ -e "$X/lib/libustream-ssl.so" ] || [ -e "$X/usr/lib/libustream-ssl.so" ]; }; then
	case $(uclient-fetch 2>&1) in # it has that option since 2023
	*--header*) exec uclient-fetch -q -T 8 -O - --header="$a" "$1" ;;
	esac
	exec uclient-fetch -q -T 8 -O - "$1"
elif has wget; then
	case $(wget --version 2>&1) in # OpenWrt's own is uclient-fetch
	"GNU Wget"*)
		wget -q -T 8 -t 1 --max-redirect=0 -O - --header="$a" -- "$1"
		exit
		;;
	esac
fi
exit 31
