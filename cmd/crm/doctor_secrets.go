package main

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/viper"
)

// hidden stands in a report for a secret.
const hidden = "(hidden)"

// secretsOf hides what in settings nobody else may know: keys, tokens, and the
// users and passwords in addresses. Errors quote what they are about.
func secretsOf(v *viper.Viper) *strings.Replacer {
	var pairs []string
	hide := func(secret, by string) {
		for _, form := range []string{secret, strings.Trim(strconv.Quote(secret), `"`)} {
			if form != "" {
				pairs = append(pairs, form, by)
			}
		}
	}
	for _, name := range []string{"hash-key", "webhook-key", "token"} {
		hide(v.GetString(name), hidden)
	}
	for _, name := range []string{"eventstore", "redis", "server", "otlp-endpoint"} {
		address := v.GetString(name)
		_, rest, ok := strings.Cut(address, "://")
		if !ok {
			hide(address, hidden) // whatever it is
			continue
		}
		at := strings.LastIndex(rest, "@")
		if at < 0 {
			continue
		}
		hide(rest[:at+1], hidden+"@")
		const shortest = 4 // less stands in other words, too
		if _, password, _ := strings.Cut(rest[:at], ":"); len(password) >= shortest {
			hide(password, hidden)
			if plain, err := url.PathUnescape(password); err == nil {
				hide(plain, hidden)
			}
		}
	}
	return strings.NewReplacer(pairs...)
}
