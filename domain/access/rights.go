package access

import (
	"slices"

	"github.com/annals-crm/annals/domain"
)

// Scope is how far a right reaches among records: a record is somebody's if they
// own it (a ticket: if they are its assignee) or own the customer it belongs to.
type Scope string

// The scopes, narrow to wide (RB-02, RB-03).
const (
	Own  Scope = "own"  // of the caller, and of whom they stand in for; for a manager, of the team, too
	Team Scope = "team" // of everybody in the departments the caller manages and below, too
	All  Scope = "all"
)

func (s Scope) width() int { return slices.Index([]Scope{Own, Team, All}, s) }

// ErrBeyondReach refuses what would concern records that the caller does not see.
var ErrBeyondReach = &domain.Error{Kind: domain.Denied, Code: "beyond_reach", Message: "this is of records that you do not see"}

// Right lets a role do something, with the records within a scope. Masked: phone
// numbers and mail addresses are hidden from it.
type Right struct {
	Role   string
	Scope  Scope
	Masked bool
}

// Rights are who may do something. Whoever is not among them may not.
type Rights []Right

// Roles lists the roles that have a right.
func (r Rights) Roles() []string {
	all := make([]string, len(r))
	for i, right := range r {
		all[i] = right.Role
	}
	return all
}

// Of is the right that somebody with roles has: of several the widest, then one
// that hides nothing, then the one declared first.
func (r Rights) Of(roles []string) (Right, bool) {
	best, found := Right{}, false
	for _, right := range r {
		if !slices.Contains(roles, right.Role) {
			continue
		}
		wider := right.Scope.width() > best.Scope.width()
		if clearer := right.Scope == best.Scope && best.Masked && !right.Masked; !found || wider || clearer {
			best, found = right, true
		}
	}
	return best, found
}

// Reach is the records somebody may see and change: all of them, which is the
// zero value, or those of some owners.
type Reach struct {
	limited bool
	owners  []string
}

// Only reaches the records of owners.
func Only(owners ...string) Reach {
	return Reach{limited: true, owners: slices.Compact(slices.Sorted(slices.Values(owners)))}
}

// Limited says whether there are records beyond it.
func (r Reach) Limited() bool { return r.limited }

// Owners are those whose records are within, sorted; none if all are.
func (r Reach) Owners() []string { return r.owners }

// Includes says whether the records of an owner are within. Those of nobody only
// are if all are.
func (r Reach) Includes(owner string) bool {
	if !r.limited {
		return true
	}
	_, found := slices.BinarySearch(r.owners, owner)
	return found && owner != ""
}
