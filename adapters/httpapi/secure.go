package httpapi

import "net/http"

// Header values that are the same in every answer; nobody writes to them.
var (
	nosniff    = []string{"nosniff"}
	revalidate = []string{"private, no-cache"}
	sealed     = []string{sealedPolicy}
	noReferrer = []string{"no-referrer"}
	sameOrigin = []string{"same-origin"}
	https      = []string{"max-age=31536000"} // a year; what other hosts of the domain do is not ours to say
)

// Content security policies. What is not a page loads nothing, whatever a
// browser takes it for; a report has its style within; the reference loads its
// own files and calls this server. Swagger UI sets style attributes, hence
// unsafe-inline.
const (
	sealedPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	reportPolicy = sealedPolicy + "; style-src 'unsafe-inline'"
	docsPolicy   = sealedPolicy + "; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)

// secure sets what keeps a browser from making more of an answer than it is.
func secure(h http.Header, encrypted bool) {
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = revalidate
	h["Content-Security-Policy"] = sealed
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	if encrypted {
		h["Strict-Transport-Security"] = https
	}
}

// securePage is secure for what a browser shows.
func securePage(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()")
}
