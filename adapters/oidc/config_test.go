package oidc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/adapters/oidc"
)

func TestCheck(t *testing.T) {
	good := oidc.Issuer{URL: "https://id.example.com/realms/crm", Audiences: []string{"annals"}}
	other := good
	other.URL, other.Prefix = "https://login.example.com", "partner:"
	assert.Empty(t, oidc.Check([]oidc.Issuer{good, other}))
	for says, change := range map[string]func(*oidc.Issuer){
		"want https":                     func(i *oidc.Issuer) { i.URL = "http://id.example.com" },
		"want a URL":                     func(i *oidc.Issuer) { i.URL = "id.example.com" },
		"needs an audience":              func(i *oidc.Issuer) { i.Audiences = nil },
		`algorithm "HS256"`:              func(i *oidc.Issuer) { i.Algorithms = []string{"HS256"} },
		`algorithm "none"`:               func(i *oidc.Issuer) { i.Algorithms = []string{"none"} },
		`stands for "system"`:            func(i *oidc.Issuer) { i.Roles = map[string][]string{"x": {"system"}} },
		"skew 1h0m0s":                    func(i *oidc.Issuer) { i.Skew = time.Hour },
		"is given twice":                 func(i *oidc.Issuer) { i.URL = other.URL },
		`has the same prefix "PARTNER:"`: func(i *oidc.Issuer) { i.Prefix = "PARTNER:" },
	} {
		wrong := good
		change(&wrong)
		assert.ErrorContains(t, errors.Join(oidc.Check([]oidc.Issuer{other, wrong})...), says)
	}
}
