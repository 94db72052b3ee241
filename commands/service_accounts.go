package commands

import (
	"context"

	"github.com/annals-crm/annals/domain/access"
)

// CreateServiceAccount lets tokens be issued for a program.
type CreateServiceAccount struct {
	At
	Name        string   `json:"name" doc:"Stands as actor in every event of what the program does; its own for good" maxLength:"200" example:"web-shop"`
	Purpose     string   `json:"purpose" doc:"What the program is for" minLength:"1" maxLength:"10000" example:"Registers customers who order in the shop"`
	Responsible string   `json:"responsible" doc:"The person who answers for it" minLength:"1" maxLength:"200" example:"ann"`
	Roles       []string `json:"roles" doc:"What it may do" minItems:"1" example:"[\"application\"]"`
}

// ChangeServiceAccount describes it anew.
type ChangeServiceAccount struct {
	At
	Name        string   `json:"name" doc:"Name of the service account" minLength:"1" maxLength:"200" example:"web-shop"`
	Purpose     *string  `json:"purpose,omitempty" doc:"What the program is for; as it was if left out" minLength:"1" maxLength:"10000" example:"Registers customers who order in the shop"`
	Responsible *string  `json:"responsible,omitempty" doc:"The person who answers for it; as it was if left out" minLength:"1" maxLength:"200" example:"ann"`
	Roles       []string `json:"roles,omitempty" doc:"What it may do, at once for all its tokens; as it was if left out" minItems:"1" example:"[\"application\"]"`
}

// DisableServiceAccount ends all its tokens.
type DisableServiceAccount struct {
	At
	Name   string `json:"name" doc:"Name of the service account" minLength:"1" maxLength:"200" example:"web-shop"`
	Reason string `json:"reason" doc:"Why" minLength:"1" maxLength:"10000" example:"the shop was closed"`
}

// EnableServiceAccount lets tokens be issued for it again.
type EnableServiceAccount struct {
	At
	Name   string `json:"name" doc:"Name of the service account" minLength:"1" maxLength:"200" example:"web-shop"`
	Reason string `json:"reason,omitempty" doc:"Why" maxLength:"10000" example:"the shop is open again"`
}

// CreateAccount fails with input.ErrInvalid or access.ErrNameTaken.
func (h Tokens) CreateAccount(ctx context.Context, env Envelope, c CreateServiceAccount) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, m moment) ([]access.Event, error) {
		return t.CreateAccount(c.Name, access.Description{Purpose: c.Purpose, Responsible: c.Responsible, Roles: c.Roles}, m.at)
	})
}

// ChangeAccount fails with input.ErrInvalid or access.ErrNoAccount.
func (h Tokens) ChangeAccount(ctx context.Context, env Envelope, c ChangeServiceAccount) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, _ moment) ([]access.Event, error) {
		return t.ChangeAccount(c.Name, access.Change{Purpose: c.Purpose, Responsible: c.Responsible, Roles: c.Roles})
	})
}

// DisableAccount fails with input.ErrInvalid or access.ErrNoAccount.
func (h Tokens) DisableAccount(ctx context.Context, env Envelope, c DisableServiceAccount) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, _ moment) ([]access.Event, error) {
		return t.DisableAccount(c.Name, c.Reason)
	})
}

// EnableAccount fails with access.ErrNoAccount.
func (h Tokens) EnableAccount(ctx context.Context, env Envelope, c EnableServiceAccount) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, _ moment) ([]access.Event, error) {
		return t.EnableAccount(c.Name, c.Reason)
	})
}
