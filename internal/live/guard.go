package live

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Listen opens a listener on a loopback address. The pages run simulations for
// whoever asks, so nobody outside this machine may.
func Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("--addr %q is not valid; want a loopback address and a port, such as 127.0.0.1:8080", addr)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("--addr %q is open to others than this machine; want a loopback address, such as 127.0.0.1:8080 (from elsewhere, use a tunnel: ssh -L 8080:127.0.0.1:8080)", addr)
	}
	return net.Listen("tcp", addr)
}

// isLoopback says whether a host as it stands in an address means this machine
// alone. Names other than localhost are not looked up: who answers for them can change.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// guard refuses what no page of ours asks for. A request whose Host is not a
// loopback name comes from a foreign page whose own name was made to point here
// (DNS rebinding).
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		switch {
		case !isLoopback(host):
			refuse(w, http.StatusForbidden, "Host", fmt.Errorf("Host: %q is not this machine; want localhost or a loopback address", short(r.Host)))
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, "method", fmt.Errorf("method: %q is not allowed; want GET", short(r.Method)))
		case r.Header.Get("Sec-Fetch-Site") == "cross-site" && strings.HasPrefix(r.URL.Path, "/api/"):
			refuse(w, http.StatusForbidden, "Sec-Fetch-Site", fmt.Errorf("another site's page may not ask for films; open this page itself"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// short bounds what of a request is repeated in an answer.
func short(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
