package main

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/oidc"
)

// httpConfig is the settings of how HTTP is answered, checked.
type httpConfig struct {
	rates   httpapi.Rates
	origins []string
	tls     httpapi.CertificateFiles
	issuers []oidc.Issuer
	proxies []netip.Prefix
}

func httpFlags(flags *pflag.FlagSet) {
	flags.Int("commands-per-minute", 300_000, "commands that one caller may send to this process; 0: any `number`")
	flags.Int("queries-per-minute", 1_200_000, "queries that one caller may send to this process; 0: any `number`")
	flags.StringSlice("cors-origin", nil, "`origins` whose pages may call this server, such as https://app.example; * is any")
	tlsFlags(flags)
	identityFlags(flags)
}

func readHTTPConfig(v *viper.Viper, p *problems) httpConfig {
	c := httpConfig{
		tls:     readTLSFiles(v, p),
		origins: v.GetStringSlice("cors-origin"),
		rates:   httpapi.Rates{Commands: v.GetInt("commands-per-minute"), Queries: v.GetInt("queries-per-minute")},
	}
	if c.rates.Commands < 0 {
		p.add("--commands-per-minute %d: want a number above 0, or 0 for no bound", c.rates.Commands)
	}
	if c.rates.Queries < 0 {
		p.add("--queries-per-minute %d: want a number above 0, or 0 for no bound", c.rates.Queries)
	}
	for _, origin := range c.origins {
		if !isOrigin(origin) {
			p.add("--cors-origin %q: want scheme and host as browsers spell them, https://app.example, or *", origin)
		}
	}
	c.issuers, c.proxies = readIdentity(v, p)
	return c
}

// isOrigin tells whether text is an origin as browsers send it, or any.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return text == "*" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Scheme+"://"+u.Host == text &&
		u.Host != "" && !strings.Contains(text, "*")
}
