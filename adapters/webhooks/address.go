package webhooks

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/annals-crm/annals/domain/webhook"
)

// Check fails with webhook.ErrAddress for a URL that nothing would be sent to.
// Where its host is shows only when it is connected to.
func (g Guard) Check(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme == "", u.Hostname() == "", !goodPort(u), strings.ContainsFunc(text, unicode.IsSpace):
		return webhook.ErrAddress.Because("%q is no URL; send to one such as https://hooks.example.com/annals", text)
	case u.User != nil, strings.Contains(text, "#"):
		return webhook.ErrAddress.Because("a URL of a webhook has neither user name nor fragment; the signature tells who sends it")
	case u.Scheme == "https":
	case u.Scheme == "http" && len(g.Private) > 0: // only to those; see control
	default:
		return webhook.ErrAddress.Because("webhooks are sent to https URLs, not to %s", u.Scheme)
	}
	a, err := netip.ParseAddr(u.Hostname())
	switch {
	case err != nil && !g.goodName(u.Hostname()):
		return webhook.ErrAddress.Because("%q is no name of a public host, such as hooks.example.com", u.Hostname())
	case err == nil && (a.Zone() != "" || !Public(a) && !g.allowed(a)):
		return webhook.ErrAddress.Because("%s is not the address of a public host", a)
	}
	return nil
}

func goodPort(u *url.URL) bool {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0 || u.Port() == "" && !strings.HasSuffix(u.Host, ":")
}

// What the DNS allows.
const (
	longestName  = 253
	longestLabel = 63
)

// goodName tells whether a name can be that of a host. One without a dot is no
// public one, and one that ends in a number is read as an address by some.
func (g Guard) goodName(name string) bool {
	ascii, err := idna.Lookup.ToASCII(name)
	if plain(name) { // of which it refuses what is in use, such as an underscore
		ascii, err = name, nil
	}
	labels := strings.Split(ascii, ".")
	if err != nil || len(ascii) > longestName || len(labels) == 1 && len(g.Private) == 0 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > longestLabel || strings.Trim(label, "-") != label || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := strings.ToLower(labels[len(labels)-1])
	return strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// plain tells whether a name is of ASCII alone.
func plain(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
