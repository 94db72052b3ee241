package commands

import (
	"context"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/organisation"
)

// AddMember says that somebody belongs to the organisation.
type AddMember struct {
	At
	MemberRef
	Name         string `json:"name,omitempty" doc:"What they are called; the id if left out" maxLength:"200" example:"Ann Li"`
	DepartmentID string `json:"department_id" doc:"Department they belong to" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	PositionID   string `json:"position_id,omitempty" doc:"Position of that department they hold" format:"uuid" example:"1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a77"`
}

// RenameMember says what a member is called now.
type RenameMember struct {
	At
	MemberRef
	Name string `json:"name" doc:"What they are called now" minLength:"1" maxLength:"200" example:"Ann Wang"`
}

// MoveMember gives a member another department or position.
type MoveMember struct {
	At
	MemberRef
	DepartmentID string `json:"department_id" doc:"Department they belong to now" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	PositionID   string `json:"position_id,omitempty" doc:"Position of that department they hold now; none if left out" format:"uuid" example:"1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a77"`
}

// RemoveMember says that a member left.
type RemoveMember struct {
	At
	MemberRef
	Reason string `json:"reason,omitempty" doc:"Why" maxLength:"200" example:"retired"`
}

// NameSubstitute says who stands in for a member.
type NameSubstitute struct {
	At
	MemberRef
	SubstituteID string     `json:"substitute_id" doc:"Member who stands in" minLength:"1" maxLength:"200" example:"bob"`
	From         *time.Time `json:"from,omitempty" doc:"Since when; from the time on that it is named if left out" example:"2034-07-01T00:00:00Z"`
	Until        *time.Time `json:"until,omitempty" doc:"Until before when; until it is ended if left out" example:"2034-07-15T00:00:00Z"`
}

// EndSubstitution ends a substitution before its time.
type EndSubstitution struct {
	At
	SubstitutionID string `json:"substitution_id" doc:"Id of the substitution" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
}

// AssignProjectRole gives a member a role in the CRM project.
type AssignProjectRole struct {
	At
	MemberRef
	Role string `json:"role" doc:"Role; several members can have one" enum:"lead,it,sales,marketing,service,finance,consultant" example:"lead"`
}

// WithdrawProjectRole takes a role in the CRM project away.
type WithdrawProjectRole struct {
	At
	MemberRef
	Role string `json:"role" doc:"Role" enum:"lead,it,sales,marketing,service,finance,consultant" example:"lead"`
}

// MemberRef is embedded by the commands on one member.
type MemberRef struct {
	MemberID string `json:"member_id" doc:"Id of the member: the one they act under, which stands as owner and assignee in records" minLength:"1" maxLength:"200" example:"ann"`
}

// Add fails with organisation.ErrMemberExists, ErrNoDepartment,
// ErrDepartmentClosed, ErrNoPosition, ErrPositionClosed, ErrElsewhere or ErrFull.
func (h Organisation) Add(ctx context.Context, env Envelope, c AddMember) (Result, error) {
	c.MemberID = strings.TrimSpace(c.MemberID) // it is where the member is read
	result, err := h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.Join(organisation.Joining{MemberID: c.MemberID, Name: c.Name, DepartmentID: c.DepartmentID, PositionID: c.PositionID}, at)
	})
	result.Created = err == nil
	return result, err
}

// Rename fails with organisation.ErrNoMember.
func (h Organisation) Rename(ctx context.Context, env Envelope, c RenameMember) (Result, error) {
	return h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.RenameMember(c.MemberID, c.Name, at)
	})
}

// Move fails with organisation.ErrNoMember, ErrNoDepartment, ErrDepartmentClosed,
// ErrNoPosition, ErrPositionClosed or ErrElsewhere.
func (h Organisation) Move(ctx context.Context, env Envelope, c MoveMember) (Result, error) {
	return h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.MoveMember(c.MemberID, organisation.Place{DepartmentID: c.DepartmentID, PositionID: c.PositionID}, at)
	})
}

// Remove fails with organisation.ErrNoMember.
func (h Organisation) Remove(ctx context.Context, env Envelope, c RemoveMember) (Result, error) {
	return h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.RemoveMember(c.MemberID, c.Reason, at)
	})
}

// NameSubstitute answers with the id of the substitution. Members do it for
// themselves, managers for their team, administrators for anybody; others fail with
// organisation.ErrNotOwn. It also fails with ErrSelf, ErrNoMember or ErrOverlaps.
func (h Organisation) NameSubstitute(ctx context.Context, env Envelope, c NameSubstitute) (Result, error) {
	env.Reach = access.Reach{} // the organisation is nobody's record; mayStandIn asks instead
	in := organisation.Substituting{SubstitutionID: derived(env.CommandID, "substitution").String(), MemberID: c.MemberID, SubstituteID: c.SubstituteID, Until: c.Until}
	if c.From != nil {
		in.From = *c.From
	}
	return h.on(ctx, env, in.SubstitutionID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		if err := mayStandIn(o, env, c.MemberID); err != nil {
			return nil, err
		}
		return o.NameSubstitute(in, at)
	})
}

// EndSubstitution fails with organisation.ErrNoSubstitution or ErrNotOwn.
func (h Organisation) EndSubstitution(ctx context.Context, env Envelope, c EndSubstitution) (Result, error) {
	env.Reach = access.Reach{} // as in NameSubstitute
	return h.on(ctx, env, c.SubstitutionID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		if s, ok := o.Substitution(c.SubstitutionID); ok {
			if err := mayStandIn(o, env, s.MemberID); err != nil {
				return nil, err
			}
		}
		return o.EndSubstitution(c.SubstitutionID, at)
	})
}

// AssignProjectRole fails with organisation.ErrNoMember.
func (h Organisation) AssignProjectRole(ctx context.Context, env Envelope, c AssignProjectRole) (Result, error) {
	return h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.AssignProjectRole(c.Role, c.MemberID, at)
	})
}

// WithdrawProjectRole fails with organisation.ErrNoMember or ErrNoRole.
func (h Organisation) WithdrawProjectRole(ctx context.Context, env Envelope, c WithdrawProjectRole) (Result, error) {
	return h.on(ctx, env, c.MemberID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.WithdrawProjectRole(c.Role, c.MemberID, at)
	})
}
