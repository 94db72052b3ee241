package projections

import (
	"context"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/organisation"
)

// MemberInput asks for one member.
type MemberInput struct {
	ID string `path:"id" doc:"Id of the member" maxLength:"200" example:"ann"`
	PointFilter
}

// MemberStory is where a member belonged when, and what they had to do.
type MemberStory struct {
	ID      string              `json:"id" doc:"Id they act under" example:"ann"`
	Name    string              `json:"name" doc:"What they are called" example:"Ann Li"`
	Belongs bool                `json:"belongs" doc:"Whether they belong to the organisation" example:"true"`
	Member  *OrganisationMember `json:"member,omitempty" doc:"What they are now, if they belong to it"`
	Places  []PlaceSpan         `json:"places" doc:"Where they belonged, the first time first" nullable:"false"`
	Duties  []DutySpan          `json:"duties" doc:"What they had to do, the first to begin first" nullable:"false"`
}

// Noted is who recorded a fact, and when.
type Noted struct {
	By      domain.Actor `json:"by" doc:"Who recorded it, and in which role"`
	At      time.Time    `json:"at" doc:"When it was written down"`
	EventID string       `json:"event_id" format:"uuid" doc:"Id of the event"`
}

// Span is a time from From until before Until.
type Span struct {
	From    time.Time  `json:"from" doc:"Since when (business time)"`
	Until   *time.Time `json:"until,omitempty" doc:"Until before when; it lasts if left out"`
	Began   Noted      `json:"began" doc:"Who recorded that it began"`
	Ended   *Noted     `json:"ended,omitempty" doc:"Who recorded that it ended"`
	Because string     `json:"because,omitempty" doc:"Why it ended, if that was said; left: they left the organisation; closed: the department was closed" example:"retired"`
}

// PlaceSpan is a time in one department and position.
type PlaceSpan struct {
	DepartmentID string `json:"department_id" format:"uuid" doc:"Department"`
	Department   string `json:"department" doc:"What it is called" example:"Sales East"`
	PositionID   string `json:"position_id,omitempty" format:"uuid" doc:"Position"`
	Position     string `json:"position,omitempty" doc:"What it is called" example:"Account manager"`
	Span
}

// Kinds of duties.
const (
	DutyManager     = "manager"
	DutyLiaison     = "liaison"
	DutyProjectRole = "project_role"
	DutySubstitute  = "substitute"
	DutySubstituted = "substituted"
)

// DutySpan is a time with a duty.
type DutySpan struct {
	Kind         string `json:"kind" enum:"manager,liaison,project_role,substitute,substituted" doc:"manager and liaison of a department, a role in the CRM project, substitute of another member, or substituted by one"`
	DepartmentID string `json:"department_id,omitempty" format:"uuid" doc:"Department they managed or were liaison of"`
	Department   string `json:"department,omitempty" doc:"What it is called" example:"Sales East"`
	Role         string `json:"role,omitempty" doc:"Role in the CRM project" example:"lead"`
	MemberID     string `json:"member_id,omitempty" doc:"The other member of a substitution" example:"bob"`
	Span
	key string // ends what has the same
}

// Member tells the story of somebody who belongs to the organisation or once
// did. It fails with ErrAsOfFuture or organisation.ErrNoMember.
func (q Organisation) Member(ctx context.Context, in MemberInput) (MemberStory, error) {
	events, err := q.events(ctx, in.Point())
	if err != nil {
		return MemberStory{}, err
	}
	t := memberTale{id: in.ID}
	for _, r := range events {
		if e, ok := r.Event.(organisation.Event); ok {
			t.o = organisation.Evolve(t.o, e)
			t.take(r, e)
		}
	}
	m, known := t.o.Former(in.ID)
	if !known {
		return MemberStory{}, organisation.ErrNoMember.In("id")
	}
	story := MemberStory{ID: m.ID, Name: m.Name, Belongs: !m.Left, Places: t.places, Duties: t.duties}
	if story.Duties == nil {
		story.Duties = []DutySpan{}
	}
	if story.Belongs {
		at := in.AsOf
		if at.IsZero() {
			at = q.Now()
		}
		member := structure{t.o, at}.member(m)
		story.Member = &member
	}
	for i := range story.Places {
		p := &story.Places[i]
		d, _ := t.o.Department(p.DepartmentID)
		post, _ := t.o.Position(p.PositionID)
		p.Department, p.Position = d.Name, post.Title
	}
	for i := range story.Duties {
		d, _ := t.o.Department(story.Duties[i].DepartmentID)
		story.Duties[i].Department = d.Name
	}
	slices.SortStableFunc(story.Duties, func(a, b DutySpan) int { return a.From.Compare(b.From) })
	return story, nil
}
