package organisation

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// Substituting is the wish that a member stands in for another one, from From
// until before Until.
type Substituting struct {
	SubstitutionID string
	MemberID       string
	SubstituteID   string
	From           time.Time  // when it is named if zero; may lie before and after
	Until          *time.Time // nil: until it is ended
}

// NameSubstitute says who stands in for a member. At any time that is one at
// most. It fails with input.ErrInvalid, ErrSelf, ErrNoMember, ErrOverlaps or
// input.ErrOutOfOrder.
func (o Organisation) NameSubstitute(in Substituting, at time.Time) ([]Event, error) {
	if in.MemberID == in.SubstituteID {
		return nil, ErrSelf
	}
	m, ok := o.Member(in.MemberID)
	if !ok {
		return nil, ErrNoMember
	}
	substitute, ok := o.Member(in.SubstituteID)
	if !ok {
		return nil, ErrNoMember.In("substitute_id")
	}
	joined := latest(m.JoinedAt, substitute.JoinedAt)
	at, err := input.NotBefore(at, joined)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	if in.From = domain.Instant(in.From); in.From.IsZero() {
		in.From = at
	}
	if in.From.Before(joined) {
		c.Add("from", "from must not lie before %s: one of the two did not belong to the organisation yet", joined.Format(time.RFC3339))
	}
	if in.Until != nil {
		until := domain.Instant(*in.Until)
		in.Until = &until
		if !in.From.Before(until) {
			c.Add("until", "until must lie after %s, when the substitution begins", in.From.Format(time.RFC3339))
		}
	}
	c.Required("substitution_id", in.SubstitutionID)
	if err := c.Err(); err != nil {
		return nil, err
	}
	wish := Substitution{ID: in.SubstitutionID, MemberID: in.MemberID, SubstituteID: in.SubstituteID, From: in.From, Until: in.Until}
	for _, id := range o.covered.at(in.MemberID) {
		other := o.substitutions.at(id)
		switch {
		case !wish.overlaps(other):
		case other.SubstituteID == wish.SubstituteID && other.covers(wish):
			return nil, nil
		default:
			return nil, ErrOverlaps.Because("%s stands in for %s %s; end that first, or choose another time", other.SubstituteID, other.MemberID, other.span()).
				With(map[string]string{"substitution_id": id})
		}
	}
	return []Event{SubstituteNamed{
		SubstitutionID: wish.ID, MemberID: wish.MemberID, SubstituteID: wish.SubstituteID, From: wish.From, Until: wish.Until, NamedAt: at,
	}}, nil
}

// EndSubstitution ends a substitution before its time; one that is over stays
// so. It fails with ErrNoSubstitution or input.ErrOutOfOrder.
func (o Organisation) EndSubstitution(id string, at time.Time) ([]Event, error) {
	s, ok := o.substitutions.get(id)
	if !ok {
		return nil, ErrNoSubstitution
	}
	at, err := input.NotBefore(at, s.NamedAt)
	if err != nil {
		return nil, err
	}
	if !s.lasts(at) {
		return nil, nil
	}
	return []Event{s.ended("", at)}, nil
}

func (s Substitution) ended(cause string, at time.Time) SubstitutionEnded {
	return SubstitutionEnded{
		SubstitutionID: s.ID, MemberID: s.MemberID, SubstituteID: s.SubstituteID, From: s.From, Until: s.Until, Cause: cause, EndedAt: at,
	}
}

func (s Substitution) overlaps(other Substitution) bool {
	return s.lasts(other.From) && other.lasts(s.From) && other.lasts(other.From)
}

// covers tells whether the whole of other lies within s.
func (s Substitution) covers(other Substitution) bool {
	return !other.From.Before(s.From) && (s.Until == nil || other.Until != nil && !other.Until.After(*s.Until))
}

func (s Substitution) span() domain.Text {
	if s.Until == nil {
		return domain.Say("from %s", s.From.Format(time.RFC3339))
	}
	return domain.Say("from %s until %s", s.From.Format(time.RFC3339), s.Until.Format(time.RFC3339))
}
