package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// Guard keeps webhooks from reaching what only this machine can reach: whoever
// may create one must not read the inside of the network with it.
type Guard struct {
	// Private are networks that may be reached nevertheless, also without TLS.
	Private []netip.Prefix
}

// reserved are the networks that are no public hosts, besides those that netip
// knows by name.
func reserved() []netip.Prefix {
	var all []netip.Prefix
	for _, network := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"168.63.129.16/32",                                     // serves metadata in Azure
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // of those that hosts have, see assigned
	} {
		all = append(all, netip.MustParsePrefix(network))
	}
	return all
}

// assigned is where all public hosts of IPv6 are.
const assigned = "2000::/3"

// Public tells whether an address is that of a public host.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is6() && !netip.MustParsePrefix(assigned).Contains(a) {
		return false
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() &&
		!slices.ContainsFunc(reserved(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// allowed tells whether an address may be reached although it is private.
func (g Guard) allowed(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(g.Private, func(p netip.Prefix) bool { return p.Contains(a) })
}

// control is asked for every connection, once its address is known and before
// it is made: what a name resolved to earlier does not count.
func (g Guard) control(scheme string) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("refused to connect: %w", err)
		}
		switch {
		case g.allowed(at.Addr()):
			return nil
		case scheme != "https":
			return errPlain
		case !Public(at.Addr()):
			return errPrivate
		}
		return nil
	}
}

var (
	errPrivate = errors.New("refused to connect: the host is not public; start the server with --webhook-allow-private if it may be reached")
	errPlain   = errors.New("refused to connect: without TLS only hosts of --webhook-allow-private are reached")
)
