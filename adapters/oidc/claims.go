package oidc

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
)

// claims is what a token says, as JSON.
type claims map[string]any

// first is the first of the claims that is a text and not empty.
func (c claims) first(names ...string) string {
	for _, name := range names {
		if text, ok := c[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// time is a claim of seconds since 1970; zero if there is none.
func (c claims) time(name string) time.Time {
	seconds, ok := c[name].(float64)
	if !ok || math.Abs(seconds) > 1<<53 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// at is the claim of a name, or at the end of a path of names joined by dots.
func (c claims) at(path string) any {
	if value, ok := c[path]; ok {
		return value
	}
	name, rest, deeper := strings.Cut(path, ".")
	inner, ok := c[name].(map[string]any)
	if !deeper || !ok {
		return nil
	}
	return claims(inner).at(rest)
}

// id is the caller's id. It fails with httpapi.ErrUnauthenticated if the token
// has none that could stand in a history.
func (i *issuer) id(c claims) (string, error) {
	id, _ := c.at(i.Caller).(string)
	if verified, said := c["email_verified"].(bool); i.Caller == "email" && said && !verified {
		return "", refused("the issuer has not verified the e-mail address")
	}
	if i.Lower {
		id = strings.ToLower(id)
	}
	var checker input.Checker
	checker.RequiredName("caller", &id)
	if id != "" {
		id = i.Prefix + id
		checker.Name("caller", &id)
	}
	ofAnother := func(prefix string) bool { return strings.HasPrefix(strings.ToLower(id), prefix) }
	if checker.Err() != nil || access.Reserved(id) || slices.ContainsFunc(i.others, ofAnother) {
		return "", refused("it has no claim %s that can stand for a caller", i.Caller)
	}
	return id, nil
}

// roles are those that the token's roles stand for here. Others give no rights.
func (i *issuer) roles(c claims) []string {
	var values, held []string
	switch claim := c.at(i.RolesClaim).(type) {
	case string:
		values = strings.FieldsFunc(claim, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		for _, one := range claim {
			if text, ok := one.(string); ok {
				values = append(values, text)
			}
		}
	}
	for _, value := range values {
		switch {
		case len(i.Roles) > 0:
			held = append(held, i.Roles[value]...)
		case slices.Contains(access.Roles, value):
			held = append(held, value)
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}
