package httpapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/projections"
)

// TokenList is every token ever issued.
type TokenList struct {
	Items        []Token `json:"items" doc:"By name" nullable:"false"`
	LastUseKnown bool    `json:"last_use_known" doc:"Whether last_used_at is known now; false while Redis is out of reach or the read model is being built" example:"true"`
}

// Token is what may be known of a token: not its secret, nor what is kept of it.
type Token struct {
	ID        string     `json:"id" doc:"Id, to revoke it by" format:"uuid"`
	Name      string     `json:"name" doc:"Who acts with it" example:"ann"`
	Kind      string     `json:"kind" doc:"Whom it is for" enum:"person,service_account" example:"person"`
	Roles     []string   `json:"roles" doc:"What it may do" example:"[\"sales\"]" nullable:"false"`
	Scopes    []string   `json:"scopes,omitempty" doc:"What of that it may do; all of it if left out" example:"[\"read\"]"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When it ends"`
	Active    bool       `json:"active" doc:"Whether it still opens anything"`
	LastUsed  *time.Time `json:"last_used_at,omitempty" doc:"Beginning of the hour (UTC) in which it was used last, known within a minute; left out if it never was, or if last_use_known is false" example:"2024-05-31T09:00:00Z"`
}

// tokens answers also without read models: whoever has to revoke a token looks for
// its id here.
func (q *Queries) tokens(ctx context.Context) (TokenList, error) {
	l := TokenList{Items: []Token{}}
	last, err := projections.TokenUses{Views: q.Views}.Last(ctx)
	l.LastUseKnown = err == nil
	all := q.Tokens.State()
	for _, t := range all.ByID {
		token := Token{
			ID: t.ID, Name: t.Name, Kind: t.Kind, Roles: orEmpty(all.RolesOf(t)), Scopes: t.Scopes, ExpiresAt: t.ExpiresAt, Active: t.Valid(q.Now()),
		}
		if used, ok := last[t.ID]; ok {
			token.LastUsed = &used
		}
		l.Items = append(l.Items, token)
	}
	slices.SortFunc(l.Items, func(a, b Token) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return l, nil
}

// ServiceAccountList is every service account.
type ServiceAccountList struct {
	Items []ServiceAccount `json:"items" doc:"By name" nullable:"false"`
}

// ServiceAccount is a program that calls.
type ServiceAccount struct {
	Name        string   `json:"name" doc:"Stands as actor in every event of what it does" example:"web-shop"`
	Purpose     string   `json:"purpose" doc:"What it is for" example:"Registers customers who order in the shop"`
	Responsible string   `json:"responsible" doc:"The person who answers for it" example:"ann"`
	Roles       []string `json:"roles" doc:"What it may do" example:"[\"application\"]" nullable:"false"`
	Disabled    bool     `json:"disabled" doc:"Whether it has no tokens and is to be given none" example:"false"`
	Tokens      int      `json:"tokens" doc:"Tokens of it that open something" example:"1"`
}

func (q *Queries) serviceAccounts(context.Context) (ServiceAccountList, error) {
	l := ServiceAccountList{Items: []ServiceAccount{}}
	all := q.Tokens.State()
	active := map[string]int{}
	for _, t := range all.ByID {
		if t.Kind == access.ServiceAccount && t.Valid(q.Now()) {
			active[t.Name]++
		}
	}
	for name, a := range all.Accounts {
		l.Items = append(l.Items, ServiceAccount{
			Name: name, Purpose: a.Purpose, Responsible: a.Responsible, Roles: a.Roles, Disabled: a.Disabled, Tokens: active[name],
		})
	}
	slices.SortFunc(l.Items, func(a, b ServiceAccount) int { return strings.Compare(a.Name, b.Name) })
	return l, nil
}

// Me is who calls, as the server sees it.
type Me struct {
	ID        string     `json:"id" doc:"Stands as actor in histories, and in fields that name people" example:"ann"`
	Name      string     `json:"name" doc:"Name to show" example:"ann"`
	Kind      string     `json:"kind" doc:"Person or service account" enum:"person,service_account" example:"person"`
	Roles     []string   `json:"roles" doc:"Roles held" example:"[\"sales\"]" nullable:"false"`
	Scopes    []string   `json:"scopes,omitempty" doc:"Scopes of the token; all that the roles allow if left out" example:"[\"read\"]"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When the token ends; never if left out"`
}

func (q *Queries) me(ctx context.Context) (Me, error) {
	c := callOf(ctx).caller
	return Me{ID: c.ID, Name: c.Name, Kind: c.Kind, Roles: orEmpty(c.Roles), Scopes: c.Scopes, ExpiresAt: c.ExpiresAt}, nil
}

func orEmpty(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
