package access_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
)

var (
	shop    = access.Description{Purpose: "orders", Responsible: "ann", Roles: []string{"application", "sales"}}
	created = access.ServiceAccountCreated{Name: "web-shop", Description: shop}
	ofShop  = access.TokenIssued{TokenID: "k1", Name: "web-shop", Kind: access.ServiceAccount, Hash: hash}
	closed  = access.ServiceAccountDisabled{Name: "web-shop", Tokens: []string{"k1"}, Reason: "laptop lost"}
	opened  = access.ServiceAccountEnabled{Name: "web-shop", Reason: "new laptop"}
)

func TestCreateAccount(t *testing.T) {
	create := func(change func(name *string, d *access.Description)) func(access.Tokens) (events, error) {
		return func(tokens access.Tokens) (events, error) {
			name, d := "web-shop", access.Description{Purpose: " orders ", Responsible: "ann", Roles: []string{"sales", "application", "sales"}}
			change(&name, &d)
			return tokens.CreateAccount(name, d, now)
		}
	}
	asIs := create(func(*string, *access.Description) {})
	token := access.TokenIssued{TokenID: "k1", Name: "web-shop", Kind: access.Person, Hash: hash, Roles: []string{"application"}}
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "roles sorted, each once", When: asIs, Then: events{created}},
		{Name: "twice", Given: events{created}, When: asIs, Err: access.ErrNameTaken},
		{Name: "a name that reads the same", Given: events{created}, When: create(func(name *string, _ *access.Description) { *name = "Web-Shop" }), Err: access.ErrNameTaken},
		{Name: "disabled, the name is still its own", Given: events{created, closed}, When: asIs, Err: access.ErrNameTaken},
		{Name: "the name of a token in use", Given: events{token}, When: asIs, Err: access.ErrNameTaken, Says: "k1"},
		{Name: "the name of a token that was revoked", Given: events{token, access.TokenRevoked{TokenID: "k1"}}, When: asIs, Then: events{created}},
		{Name: "no purpose", When: create(func(_ *string, d *access.Description) { d.Purpose = " " }), Err: input.ErrInvalid.In("purpose")},
		{Name: "nobody answers for it", When: create(func(_ *string, d *access.Description) { d.Responsible = "" }), Err: input.ErrInvalid.In("responsible")},
		{Name: "it answers for itself", When: create(func(_ *string, d *access.Description) { d.Responsible = "web-shop" }), Err: input.ErrInvalid.In("responsible")},
		{Name: "no roles", When: create(func(_ *string, d *access.Description) { d.Roles = nil }), Err: input.ErrInvalid.In("roles")},
		{Name: "a role never issued", When: create(func(_ *string, d *access.Description) { d.Roles = []string{access.System} }), Err: input.ErrInvalid.In("roles")},
		{Name: "the program's name", When: create(func(name *string, _ *access.Description) { *name = "Timer" }), Err: input.ErrInvalid.In("name")},
	})
}

func TestChangeAccount(t *testing.T) {
	change := func(c access.Change) func(access.Tokens) (events, error) {
		return func(tokens access.Tokens) (events, error) { return tokens.ChangeAccount("web-shop", c) }
	}
	bob, fewer := "bob", shop
	fewer.Roles = []string{"application"}
	others := shop
	others.Responsible = "bob"
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "who answers for it", Given: events{created}, When: change(access.Change{Responsible: &bob}), Then: events{access.ServiceAccountChanged{Name: "web-shop", From: shop, To: others}}},
		{Name: "roles", Given: events{created}, When: change(access.Change{Roles: fewer.Roles}), Then: events{access.ServiceAccountChanged{Name: "web-shop", From: shop, To: fewer}}},
		{Name: "nothing", Given: events{created}, When: change(access.Change{Roles: []string{"sales", "application"}})},
		{Name: "no roles left", Given: events{created}, When: change(access.Change{Roles: []string{}}), Err: input.ErrInvalid.In("roles")},
		{Name: "unknown", When: change(access.Change{Responsible: &bob}), Err: access.ErrNoAccount},
	})
}

func TestDisableAccount(t *testing.T) {
	disable := func(tokens access.Tokens) (events, error) { return tokens.DisableAccount("web-shop", "laptop lost") }
	enable := func(tokens access.Tokens) (events, error) { return tokens.EnableAccount("web-shop", "new laptop") }
	second := access.TokenIssued{TokenID: "k0", Name: "web-shop", Kind: access.ServiceAccount, Hash: strings.Repeat("ab", 32)}
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "names the tokens it ends", Given: events{created, second, ofShop, access.TokenRevoked{TokenID: "k0"}}, When: disable, Then: events{closed}},
		{Name: "twice", Given: events{created, ofShop, closed}, When: disable},
		{Name: "unknown", When: disable, Err: access.ErrNoAccount},
		{Name: "again enabled", Given: events{created, ofShop, closed}, When: enable, Then: events{opened}},
		{Name: "enabled already", Given: events{created}, When: enable},
		{Name: "unknown to be enabled", When: enable, Err: access.ErrNoAccount},
		{
			Name: "no reason", Given: events{created},
			When: func(tokens access.Tokens) (events, error) { return tokens.DisableAccount("web-shop", "") }, Err: input.ErrInvalid.In("reason"),
		},
	})
	after := domaintest.Fold(access.Aggregate, events{created, ofShop, closed, opened}...)
	assert.False(t, after.ByID["k1"].Valid(now), "what was ended stays so")
	assert.True(t, domaintest.Fold(access.Aggregate, events{created, ofShop}...).ByID["k1"].Valid(now))
}

func TestIssueForAccount(t *testing.T) {
	issue := func(change func(*access.Issuing)) func(access.Tokens) (events, error) {
		return func(tokens access.Tokens) (events, error) {
			in := access.Issuing{TokenID: "k1", Name: "web-shop", Kind: access.ServiceAccount, Hash: hash}
			change(&in)
			return tokens.Issue(in, nil, now)
		}
	}
	asIs := issue(func(*access.Issuing) {})
	another := access.TokenIssued{TokenID: "k0", Name: "web-shop", Kind: access.ServiceAccount, Hash: strings.Repeat("ab", 32)}
	narrowed := ofShop
	narrowed.Roles = []string{"sales"}
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "with the roles of the account", Given: events{created}, When: asIs, Then: events{ofShop}},
		{Name: "one of several", Given: events{created, another}, When: asIs, Then: events{ofShop}},
		{Name: "with fewer roles", Given: events{created}, When: issue(func(in *access.Issuing) { in.Roles = []string{"sales"} }), Then: events{narrowed}},
		{Name: "with more roles", Given: events{created}, When: issue(func(in *access.Issuing) { in.Roles = []string{"admin"} }), Err: input.ErrInvalid.In("roles"), Says: "application, sales"},
		{Name: "no such account", When: asIs, Err: access.ErrNoAccount},
		{Name: "disabled", Given: events{created, closed}, When: asIs, Err: access.ErrDisabled},
		{Name: "enabled again", Given: events{created, closed, opened}, When: asIs, Then: events{ofShop}},
		{
			Name: "a person of that name", Given: events{created},
			When: issue(func(in *access.Issuing) { in.Kind, in.Name, in.Roles = access.Person, "Web-Shop", []string{"sales"} }), Err: access.ErrNameTaken, Says: "service account",
		},
	})
}

func TestRolesOfAccountHoldForItsTokens(t *testing.T) {
	fewer := access.ServiceAccountChanged{Name: "web-shop", From: shop, To: access.Description{Purpose: "orders", Responsible: "ann", Roles: []string{"sales"}}}
	narrowed := ofShop
	narrowed.Roles = []string{"application"}
	roles := func(all ...access.Event) []string {
		tokens := domaintest.Fold(access.Aggregate, all...)
		return tokens.RolesOf(tokens.ByID["k1"])
	}
	assert.Equal(t, []string{"application", "sales"}, roles(created, ofShop))
	assert.Equal(t, []string{"sales"}, roles(created, ofShop, fewer))
	assert.Equal(t, []string{"application"}, roles(created, narrowed))
	assert.Empty(t, roles(created, narrowed, fewer), "it has lost the only one")
	assert.Equal(t, []string{"analyst", "auditor"}, roles(issued))
}
