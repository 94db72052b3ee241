package main

import (
	"time"

	"github.com/annals-crm/annals/commands"
)

// structure is the organisation as the gate asks it: whose records a caller
// reaches.
type structure struct{ *commands.OrganisationState }

// Represents lists those whom a member stands in for at a time.
func (s structure) Represents(member string, at time.Time) []string {
	return s.State().Represents(member, at)
}

// Team lists whom a member manages, and the member.
func (s structure) Team(member string) []string { return s.State().Team(member) }
