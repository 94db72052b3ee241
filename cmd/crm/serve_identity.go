package main

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/oidc"
)

func identityFlags(flags *pflag.FlagSet) {
	flags.String("oidc-issuer", "", "OpenID Connect issuer `url` whose tokens are taken; none if empty")
	flags.StringSlice("oidc-audience", nil, "audiences, of which a token must be for one")
	flags.StringSlice("oidc-client", nil, "clients (azp) whose tokens are taken; any if none is given")
	flags.String("oidc-caller", "sub", "`claim` that says who calls, such as preferred_username or email")
	flags.Bool("oidc-caller-lower", false, "take what that claim says in lower case, for e-mail addresses")
	flags.String("oidc-roles", "roles", "`claim` that says which roles, such as realm_access.roles")
	flags.StringSlice("oidc-role", nil, "what such a role is here, `theirs=ours`, one or more; the same names if none is given")
	flags.Duration("oidc-skew", time.Minute, "how far the clock of the issuer may be off")
	flags.String("oidc-issuers", "", "YAML `file` with several issuers, instead of the settings above")
	flags.StringSlice("trusted-proxies", nil, "`networks` such as 10.0.0.0/8 whose X-Forwarded-For is believed; none if empty")
}

// readIdentity reads whose tokens are taken beside our own, and which proxies
// are believed.
func readIdentity(v *viper.Viper, p *problems) (issuers []oidc.Issuer, proxies []netip.Prefix) {
	one, file := v.GetString("oidc-issuer"), v.GetString("oidc-issuers")
	switch {
	case one != "" && file != "":
		p.add("--oidc-issuer and --oidc-issuers are two ways to say the same; use one of them")
	case file != "":
		var err error
		if issuers, err = readIssuers(file); err != nil {
			p.add("--oidc-issuers: %w", err)
		}
	case one != "":
		issuers = []oidc.Issuer{{
			URL: one, Audiences: v.GetStringSlice("oidc-audience"), Clients: v.GetStringSlice("oidc-client"),
			Caller: v.GetString("oidc-caller"), Lower: v.GetBool("oidc-caller-lower"),
			RolesClaim: v.GetString("oidc-roles"), Roles: readRoles(v.GetStringSlice("oidc-role"), p), Skew: v.GetDuration("oidc-skew"),
		}}
	}
	for _, err := range oidc.Check(issuers) {
		p.add("--oidc: %w", err)
	}
	for _, network := range v.GetStringSlice("trusted-proxies") {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			p.add("--trusted-proxies %q: want networks such as 10.0.0.0/8 or 192.0.2.7/32", network)
		}
		proxies = append(proxies, prefix)
	}
	return issuers, proxies
}

// readRoles reads pairs of theirs=ours; a role of theirs may stand for several.
func readRoles(pairs []string, p *problems) map[string][]string {
	roles := map[string][]string{}
	for _, pair := range pairs {
		theirs, ours, ok := strings.Cut(pair, "=")
		if !ok {
			p.add("--oidc-role %q: want theirs=ours, such as crm-sales=sales", pair)
			continue
		}
		roles[theirs] = append(roles[theirs], ours)
	}
	return roles
}

func readIssuers(file string) ([]oidc.Issuer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var issuers []oidc.Issuer
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&issuers); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return issuers, nil
}

// issuersAt is nil without issuers.
func issuersAt(issuers []oidc.Issuer, now func() time.Time) httpapi.Authenticator {
	if len(issuers) == 0 {
		return nil
	}
	return oidc.New(issuers, now)
}
