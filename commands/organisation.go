package commands

import (
	"context"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/organisation"
)

// OrganisationState is the organisation, kept current in memory.
type OrganisationState = Live[organisation.Organisation, organisation.Event]

// OpenDepartment adds a department.
type OpenDepartment struct {
	At
	Name     string `json:"name" doc:"What it is called; no other one beside it may be" minLength:"1" maxLength:"200" example:"Sales East"`
	ParentID string `json:"parent_id,omitempty" doc:"Department it is right below; at the top if left out" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
}

// RenameDepartment gives a department another name.
type RenameDepartment struct {
	At
	DepartmentRef
	Name string `json:"name" doc:"What it is called now; no other one beside it may be" minLength:"1" maxLength:"200" example:"East"`
}

// MoveDepartment puts a department, with all below it, under another one.
type MoveDepartment struct {
	At
	DepartmentRef
	ParentID string `json:"parent_id,omitempty" doc:"Department it is right below now; at the top if left out" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
}

// CloseDepartment ends a department that nobody and nothing belongs to.
type CloseDepartment struct {
	At
	DepartmentRef
}

// AppointManager says who manages a department and all below it.
type AppointManager struct {
	At
	DepartmentRef
	MemberID string `json:"member_id,omitempty" doc:"Member who does from now on; nobody if left out" maxLength:"200" example:"ann"`
}

// NameLiaison says who answers for the customer data of a department.
type NameLiaison struct {
	At
	DepartmentRef
	MemberID string `json:"member_id,omitempty" doc:"Member who does from now on; nobody if left out" maxLength:"200" example:"bob"`
}

// OpenPosition adds a position to a department.
type OpenPosition struct {
	At
	DepartmentRef
	Title     string `json:"title" doc:"What it is called; no other one of the department may be. Several members can hold it" minLength:"1" maxLength:"200" example:"Account manager"`
	ReportsTo string `json:"reports_to,omitempty" doc:"Position, of any department, that it reports to" format:"uuid" example:"1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a66"`
}

// ChangePosition edits a position; fields left out stay.
type ChangePosition struct {
	At
	PositionRef
	Title     *string `json:"title,omitempty" doc:"What it is called now" maxLength:"200" example:"Key account manager"`
	ReportsTo *string `json:"reports_to,omitempty" doc:"Position that it reports to now; empty for none" maxLength:"36" example:"1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a66"`
}

// ClosePosition ends a position that nobody holds.
type ClosePosition struct {
	At
	PositionRef
}

// DepartmentRef is embedded by the commands on one department.
type DepartmentRef struct {
	DepartmentID string `json:"department_id" doc:"Id of the department" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// PositionRef is embedded by the commands on one position.
type PositionRef struct {
	PositionID string `json:"position_id" doc:"Id of the position" format:"uuid" example:"1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a77"`
}

// Organisation handles the commands on departments, positions and members.
type Organisation struct {
	loop  *Loop
	state *OrganisationState
}

// NewOrganisation answers once what it did holds everywhere in this process.
func NewOrganisation(loop *Loop, state *OrganisationState) Organisation {
	return Organisation{loop, state}
}

// OpenDepartment answers with the id of the new department. It fails with
// organisation.ErrNoDepartment, ErrDepartmentClosed, ErrDepartmentExists or ErrFull.
func (h Organisation) OpenDepartment(ctx context.Context, env Envelope, c OpenDepartment) (Result, error) {
	id := derived(env.CommandID, "department").String()
	result, err := onNew(ctx, h.loop, organisation.Aggregate, env, organisation.ID, c, func(o organisation.Organisation, m moment) ([]organisation.Event, error) {
		return o.OpenDepartment(id, c.Name, c.ParentID, m.at)
	})
	return h.await(ctx, result, err, id)
}

// RenameDepartment fails with organisation.ErrNoDepartment, ErrDepartmentClosed
// or ErrDepartmentExists.
func (h Organisation) RenameDepartment(ctx context.Context, env Envelope, c RenameDepartment) (Result, error) {
	return h.on(ctx, env, c.DepartmentID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.RenameDepartment(c.DepartmentID, c.Name, at)
	})
}

// MoveDepartment fails with organisation.ErrNoDepartment, ErrDepartmentClosed,
// ErrDepartmentExists, ErrCycle or ErrFull.
func (h Organisation) MoveDepartment(ctx context.Context, env Envelope, c MoveDepartment) (Result, error) {
	return h.on(ctx, env, c.DepartmentID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.MoveDepartment(c.DepartmentID, c.ParentID, at)
	})
}

// CloseDepartment fails with organisation.ErrNoDepartment or ErrNotEmpty.
func (h Organisation) CloseDepartment(ctx context.Context, env Envelope, c CloseDepartment) (Result, error) {
	return h.on(ctx, env, c.DepartmentID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.CloseDepartment(c.DepartmentID, at)
	})
}

// AppointManager fails with organisation.ErrNoDepartment, ErrDepartmentClosed or
// ErrNoMember.
func (h Organisation) AppointManager(ctx context.Context, env Envelope, c AppointManager) (Result, error) {
	return h.on(ctx, env, c.DepartmentID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.AppointManager(c.DepartmentID, c.MemberID, at)
	})
}

// NameLiaison fails with organisation.ErrNoDepartment, ErrDepartmentClosed or
// ErrNoMember.
func (h Organisation) NameLiaison(ctx context.Context, env Envelope, c NameLiaison) (Result, error) {
	return h.on(ctx, env, c.DepartmentID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.NameLiaison(c.DepartmentID, c.MemberID, at)
	})
}

// OpenPosition answers with the id of the new position. It fails with
// organisation.ErrNoDepartment, ErrDepartmentClosed, ErrNoPosition,
// ErrPositionClosed, ErrPositionExists or ErrFull.
func (h Organisation) OpenPosition(ctx context.Context, env Envelope, c OpenPosition) (Result, error) {
	id := derived(env.CommandID, "position").String()
	return h.on(ctx, env, id, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.OpenPosition(organisation.Opening{PositionID: id, DepartmentID: c.DepartmentID, Title: c.Title, ReportsTo: c.ReportsTo}, at)
	})
}

// ChangePosition fails with organisation.ErrNoPosition, ErrPositionClosed,
// ErrPositionExists or ErrCycle.
func (h Organisation) ChangePosition(ctx context.Context, env Envelope, c ChangePosition) (Result, error) {
	return h.on(ctx, env, c.PositionID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.ChangePosition(c.PositionID, c.Title, c.ReportsTo, at)
	})
}

// ClosePosition fails with organisation.ErrNoPosition or ErrPositionHeld.
func (h Organisation) ClosePosition(ctx context.Context, env Envelope, c ClosePosition) (Result, error) {
	return h.on(ctx, env, c.PositionID, c, func(o organisation.Organisation, at time.Time) ([]organisation.Event, error) {
		return o.ClosePosition(c.PositionID, at)
	})
}

// mayStandIn fails with organisation.ErrNotOwn unless the sender decides on
// substitutes of a member. Whoever stands in for somebody does not: they could
// hand on what was lent to them.
func mayStandIn(o organisation.Organisation, env Envelope, member string) error {
	switch {
	case env.Actor.Role == access.Admin, env.Actor.ID == member:
		return nil
	case env.Actor.Role == access.Manager && slices.Contains(o.Team(env.Actor.ID), member):
		return nil
	}
	return organisation.ErrNotOwn
}

// on decides at a business time, and answers with the id of what is concerned.
func (h Organisation) on(ctx context.Context, env Envelope, id string, command any, decide func(organisation.Organisation, time.Time) ([]organisation.Event, error)) (Result, error) {
	result, err := onOne(ctx, h.loop, organisation.Aggregate, env, organisation.ID, command, func(o organisation.Organisation, m moment) ([]organisation.Event, error) {
		return decide(o, m.at)
	})
	return h.await(ctx, result, err, id)
}

func (h Organisation) await(ctx context.Context, result Result, err error, id string) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	result.ID = id
	return result, h.state.Await(ctx, result.Revision)
}
