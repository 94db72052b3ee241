package organisation

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"
)

// saved is an organisation as it is stored. What can be worked out is left out.
type saved struct {
	Departments   map[string]Department   `json:"departments,omitempty"`
	Positions     map[string]Position     `json:"positions,omitempty"`
	Members       map[string]Member       `json:"members,omitempty"`
	Substitutions map[string]Substitution `json:"substitutions,omitempty"`
	MovedAt       time.Time               `json:"moved_at,omitzero"`
	TurnedAt      time.Time               `json:"turned_at,omitzero"`
}

// MarshalJSON writes a snapshot.
func (o Organisation) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(saved{
		Departments: maps.Collect(o.departments.all()), Positions: maps.Collect(o.positions.all()),
		Members: maps.Collect(o.members.all()), Substitutions: maps.Collect(o.substitutions.all()),
		MovedAt: o.movedAt, TurnedAt: o.turnedAt,
	})
	if err != nil {
		return nil, fmt.Errorf("save organisation: %w", err)
	}
	return text, nil
}

// UnmarshalJSON reads a snapshot.
func (o *Organisation) UnmarshalJSON(text []byte) error {
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("saved organisation: %w", err)
	}
	*o = Organisation{
		departments: tableOf(s.Departments), positions: tableOf(s.Positions), members: tableOf(s.Members),
		substitutions: tableOf(s.Substitutions), movedAt: s.MovedAt, turnedAt: s.TurnedAt, teams: new(sync.Map),
	}
	for id, d := range s.Departments {
		if d.Closed {
			continue
		}
		o.below = o.below.add(d.ParentID, id)
		if d.ManagerID != "" {
			o.managed = o.managed.add(d.ManagerID, id)
		}
	}
	for id, p := range s.Positions {
		if !p.Closed {
			o.posts = o.posts.add(p.DepartmentID, id)
		}
	}
	for id, m := range s.Members {
		o.spelt = o.spelt.with(read(id), id)
		if m.Left {
			o.leavers = o.leavers.add(o.open(m.DepartmentID), id)
		} else {
			o.staff = o.staff.add(m.DepartmentID, id)
		}
	}
	for id, s := range s.Substitutions {
		o.covered = o.covered.add(s.MemberID, id)
		o.stands = o.stands.add(s.SubstituteID, id)
	}
	return nil
}
