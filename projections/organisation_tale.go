package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/organisation"
)

// memberTale collects what concerns one member.
type memberTale struct {
	id     string
	o      organisation.Organisation
	places []PlaceSpan
	duties []DutySpan
}

func (t *memberTale) take(r *domain.Recorded, e organisation.Event) {
	switch e := e.(type) {
	case organisation.MemberJoined:
		if e.MemberID == t.id {
			t.come(organisation.Place{DepartmentID: e.DepartmentID, PositionID: e.PositionID}, e.JoinedAt, r)
		}
	case organisation.MemberMoved:
		if e.MemberID == t.id {
			t.leave(e.MovedAt, "", r)
			t.come(e.To, e.MovedAt, r)
		}
	case organisation.MemberLeft:
		if e.MemberID == t.id {
			t.leave(e.LeftAt, e.Reason, r)
		}
	case organisation.ManagerAppointed:
		t.change(e.From, e.To, DutySpan{Kind: DutyManager, DepartmentID: e.DepartmentID}, e.AppointedAt, e.Cause, r)
	case organisation.LiaisonNamed:
		t.change(e.From, e.To, DutySpan{Kind: DutyLiaison, DepartmentID: e.DepartmentID}, e.NamedAt, e.Cause, r)
	case organisation.DepartmentClosed:
		t.change(e.ManagerID, "", DutySpan{Kind: DutyManager, DepartmentID: e.DepartmentID}, e.ClosedAt, "closed", r)
		t.change(e.LiaisonID, "", DutySpan{Kind: DutyLiaison, DepartmentID: e.DepartmentID}, e.ClosedAt, "closed", r)
	case organisation.ProjectRoleAssigned:
		t.change("", e.MemberID, DutySpan{Kind: DutyProjectRole, Role: e.Role}, e.AssignedAt, "", r)
	case organisation.ProjectRoleWithdrawn:
		t.change(e.MemberID, "", DutySpan{Kind: DutyProjectRole, Role: e.Role}, e.WithdrawnAt, e.Cause, r)
	case organisation.SubstituteNamed:
		t.standIn(e, r)
	case organisation.SubstitutionEnded:
		until := e.EndedAt
		if until.Before(e.From) {
			until = e.From
		}
		t.end(e.SubstitutionID, until, e.Cause, r)
	case organisation.DepartmentOpened, organisation.DepartmentRenamed, organisation.DepartmentMoved,
		organisation.PositionOpened, organisation.PositionChanged, organisation.PositionClosed, organisation.MemberRenamed:
	}
}

func (t *memberTale) come(to organisation.Place, at time.Time, r *domain.Recorded) {
	t.places = append(t.places, PlaceSpan{DepartmentID: to.DepartmentID, PositionID: to.PositionID, Span: Span{From: at, Began: notedBy(r)}})
}

func (t *memberTale) leave(at time.Time, because string, r *domain.Recorded) {
	if n := len(t.places); n > 0 {
		t.places[n-1].close(at, because, r)
	}
}

// change ends a duty of who had it and begins it for who has it now, as far as
// that is this member.
func (t *memberTale) change(from, to string, duty DutySpan, at time.Time, because string, r *domain.Recorded) {
	duty.key = duty.Kind + duty.DepartmentID + duty.Role
	if from == t.id {
		t.end(duty.key, at, because, r)
	}
	if to == t.id {
		duty.Span = Span{From: at, Began: notedBy(r)}
		t.duties = append(t.duties, duty)
	}
}

func (t *memberTale) standIn(e organisation.SubstituteNamed, r *domain.Recorded) {
	duty := DutySpan{key: e.SubstitutionID, Span: Span{From: e.From, Until: e.Until, Began: notedBy(r)}}
	switch t.id {
	case e.MemberID:
		duty.Kind, duty.MemberID = DutySubstituted, e.SubstituteID
	case e.SubstituteID:
		duty.Kind, duty.MemberID = DutySubstitute, e.MemberID
	default:
		return
	}
	t.duties = append(t.duties, duty)
}

// end closes the duty of a key that was begun last.
func (t *memberTale) end(key string, at time.Time, because string, r *domain.Recorded) {
	for i := len(t.duties) - 1; i >= 0; i-- {
		if t.duties[i].key == key {
			t.duties[i].close(at, because, r)
			return
		}
	}
}

func (s *Span) close(at time.Time, because string, r *domain.Recorded) {
	ended := notedBy(r)
	s.Until, s.Ended, s.Because = &at, &ended, because
}

func notedBy(r *domain.Recorded) Noted {
	return Noted{By: r.Meta.Actor, At: domain.Instant(r.RecordedAt), EventID: r.ID}
}
