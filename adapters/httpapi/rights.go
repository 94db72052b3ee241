package httpapi

import (
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
)

// rights declare who may call an operation, and how far that reaches.
type rights access.Rights

// roles declares who may call an operation, and with any record. Administrators
// always may, so that whoever sets the program up can try all of it.
func roles(of ...string) rights {
	if !slices.Contains(of, access.Admin) {
		of = append(of, access.Admin)
	}
	return rights(nil).add(access.Right{Scope: access.All}, of)
}

// everyone is any caller with a role. Only what has nothing to do with single
// records is declared so.
func everyone() rights { return roles(access.Roles...) }

// everyoneOfTheirOwn is any caller with a role, with what is theirs alone.
func everyoneOfTheirOwn() rights {
	return roles(access.Admin).own(slices.DeleteFunc(slices.Clone(access.Roles), func(role string) bool { return role == access.Admin || role == access.Manager })...)
}

// own lets roles in, too, with their own records.
func (r rights) own(of ...string) rights { return r.add(access.Right{Scope: access.Own}, of) }

// team lets roles in, too, with the records of those they manage.
func (r rights) team(of ...string) rights { return r.add(access.Right{Scope: access.Team}, of) }

// masked lets roles in, too, with any record, but without phone numbers and mail
// addresses.
func (r rights) masked(of ...string) rights {
	return r.add(access.Right{Scope: access.All, Masked: true}, of)
}

// limited says whether some roles are let in with some records only.
func (r rights) limited() bool {
	return slices.ContainsFunc(r, func(right access.Right) bool { return right.Scope != access.All })
}

func (r rights) add(right access.Right, of []string) rights {
	all := slices.Clone(r)
	for _, role := range of {
		right.Role = role
		all = append(all, right)
	}
	return all
}

// Organisation knows who stands in for whom, and who is in whose team.
type Organisation interface {
	// Represents lists those whom a member stands in for at a time.
	Represents(member string, at time.Time) []string
	// Team lists everybody in the departments that a member manages and below,
	// and the member; it is the member alone for who manages none.
	Team(member string) []string
}

// reach is the records that a scope means for a caller. Whoever stands in for
// somebody reaches what they reach: for a manager, the team, whichever scope
// their own role has.
func (s *service) reach(c Caller, scope access.Scope) access.Reach {
	if scope == access.All {
		return access.Reach{}
	}
	members := []string{c.ID}
	if s.organisation == nil {
		return access.Only(members...)
	}
	if scope == access.Team {
		members = append(members, s.organisation.Team(c.ID)...)
	}
	for _, m := range s.organisation.Represents(c.ID, s.now()) {
		members = append(members, s.organisation.Team(m)...)
	}
	return access.Only(members...)
}

// String lists the roles, and what a right leaves out.
func (r rights) String() string {
	all := make([]string, len(r))
	for i, right := range r {
		all[i] = "`" + right.Role + "`"
		switch {
		case right.Masked:
			all[i] += " (phone numbers and mail addresses masked)"
		case right.Scope == access.Own:
			all[i] += " (own records)"
		case right.Scope == access.Team:
			all[i] += " (records of their team)"
		}
	}
	return strings.Join(all, ", ")
}

// byRole is what each role has: a scope, or masked.
func (r rights) byRole() map[string]string {
	all := make(map[string]string, len(r))
	for _, right := range r {
		all[right.Role] = string(right.Scope)
		if right.Masked {
			all[right.Role] = "masked"
		}
	}
	return all
}

// stillMay says whether the caller of a long answer is one still, with the same
// roles and reach.
func (s *service) stillMay(c *call) bool {
	now, err := s.caller(c.request)
	return err == nil && slices.Equal(now.Roles, c.caller.Roles) && slices.Equal(s.reach(now, c.scope).Owners(), c.reach.Owners())
}
