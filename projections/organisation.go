package projections

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/organisation"
)

// Organisation answers who belongs where, now from memory and at any other time
// from the log itself. Nothing of it is kept in Redis.
type Organisation struct {
	State   func() organisation.Organisation
	Streams *Streams
	Now     func() time.Time
}

// OrganisationFilter asks for the tree of departments.
type OrganisationFilter struct {
	PointFilter
	DepartmentID string `query:"department_id" format:"uuid" doc:"Only this department and all below it" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// OrganisationTree is the organisation at a time.
type OrganisationTree struct {
	Departments []DepartmentNode `json:"departments" doc:"Those at the top, or the one asked for; by name" nullable:"false"`
	Members     int              `json:"members" doc:"Members in all of them" example:"42"`
}

// DepartmentNode is a department with what belongs to it.
type DepartmentNode struct {
	ID          string               `json:"id" format:"uuid" doc:"Id of the department"`
	Name        string               `json:"name" doc:"What it is called" example:"Sales East"`
	ParentID    string               `json:"parent_id,omitempty" format:"uuid" doc:"Department it is right below; none at the top"`
	ManagerID   string               `json:"manager_id,omitempty" doc:"Member who manages it and all below it" example:"ann"`
	LiaisonID   string               `json:"liaison_id,omitempty" doc:"Member who answers for its customer data" example:"bob"`
	OpenedAt    time.Time            `json:"opened_at" doc:"When it was opened"`
	Positions   []PositionNode       `json:"positions" doc:"By title" nullable:"false"`
	Members     []OrganisationMember `json:"members" doc:"By name; not those of departments below it" nullable:"false"`
	Departments []DepartmentNode     `json:"departments" doc:"Right below it, by name" nullable:"false"`
}

// PositionNode is a position.
type PositionNode struct {
	ID        string    `json:"id" format:"uuid" doc:"Id of the position"`
	Title     string    `json:"title" doc:"What it is called" example:"Account manager"`
	ReportsTo string    `json:"reports_to,omitempty" format:"uuid" doc:"Id of the position it reports to"`
	OpenedAt  time.Time `json:"opened_at" doc:"When it was opened"`
}

// OrganisationMember is somebody who belongs to the organisation.
type OrganisationMember struct {
	ID           string             `json:"id" doc:"Id they act under, which stands as owner and assignee in records" example:"ann"`
	Name         string             `json:"name" doc:"What they are called" example:"Ann Li"`
	DepartmentID string             `json:"department_id" format:"uuid" doc:"Department they belong to"`
	Department   string             `json:"department" doc:"What it is called" example:"Sales East"`
	PositionID   string             `json:"position_id,omitempty" format:"uuid" doc:"Position they hold"`
	Position     string             `json:"position,omitempty" doc:"What it is called" example:"Account manager"`
	JoinedAt     time.Time          `json:"joined_at" doc:"When they joined, the last time"`
	Since        time.Time          `json:"since" doc:"Since when they have this department and position"`
	ProjectRoles []string           `json:"project_roles,omitempty" doc:"Roles in the CRM project" example:"[\"lead\"]"`
	Substitutes  []SubstitutionView `json:"substitutes,omitempty" doc:"Who stands in for them, now or later; the first to begin first"`
}

// SubstitutionView is a time during which somebody stands in for a member.
type SubstitutionView struct {
	ID           string     `json:"id" format:"uuid" doc:"Id of the substitution, to end it by"`
	SubstituteID string     `json:"substitute_id" doc:"Member who stands in" example:"bob"`
	From         time.Time  `json:"from" doc:"Since when"`
	Until        *time.Time `json:"until,omitempty" doc:"Until before when; until it is ended if left out"`
}

// Tree fails with ErrAsOfFuture or organisation.ErrNoDepartment.
func (q Organisation) Tree(ctx context.Context, f OrganisationFilter) (OrganisationTree, error) {
	o, at, err := q.then(ctx, f.Point())
	if err != nil {
		return OrganisationTree{}, err
	}
	s := structure{o, at}
	var tree OrganisationTree
	if f.DepartmentID == "" {
		tree.Departments = s.nodes(o.Below(""))
	} else if d, open := o.Department(f.DepartmentID); open {
		tree.Departments = []DepartmentNode{s.node(d)}
	} else {
		return OrganisationTree{}, organisation.ErrNoDepartment
	}
	for _, d := range tree.Departments {
		tree.Members += d.count()
	}
	return tree, nil
}

// then is the organisation at a point, and the business time it is looked at.
func (q Organisation) then(ctx context.Context, p Point) (o organisation.Organisation, at time.Time, err error) {
	at = p.AsOf
	if at.IsZero() {
		at = q.Now()
	}
	if p.Now() {
		return q.State(), at, nil
	}
	events, err := q.events(ctx, p)
	for i := range events {
		if e, ok := events[i].Event.(organisation.Event); ok {
			o = organisation.Evolve(o, e)
		}
	}
	return o, at, err
}

// events are those that had happened and were known at a point. What a fact
// builds on happened before it and was recorded before it, so the fold of these
// is whole.
func (q Organisation) events(ctx context.Context, p Point) ([]*domain.Recorded, error) {
	if err := p.check(q.Now()); err != nil {
		return nil, err
	}
	all, err := q.Streams.Of(ctx, organisation.Aggregate.Stream(organisation.ID))
	if err != nil {
		return nil, err
	}
	held := make([]*domain.Recorded, 0, len(all))
	for i := range all {
		if p.holds(&all[i]) {
			held = append(held, &all[i])
		}
	}
	return held, nil
}
