package policy

import (
	"fmt"

	"github.com/annals-crm/annals/domain/input"
)

func (p Tickets) check(c *input.Checker) {
	const at = "tickets."
	names(c, at+"priorities", p.Priorities, 1)
	names(c, at+"complexities", p.Complexities, 1)
	c.Required(at+"default_priority", p.DefaultPriority)
	c.OneOf(at+"default_priority", p.DefaultPriority, p.Priorities)
	c.Required(at+"default_complexity", p.DefaultComplexity)
	c.OneOf(at+"default_complexity", p.DefaultComplexity, p.Complexities)
	names(c, at+"types", p.Types, 1)
	names(c, at+"attributes", p.Attributes, 1)
	names(c, at+"categories", p.Categories, 1)
	names(c, at+"scenes", p.Scenes, 1)
	names(c, at+"channels", p.Channels, 1)
	names(c, at+"waiting_reasons", p.WaitingReasons, 1)
	for i, pct := range p.WarnAtPct {
		between(c, fmt.Sprintf(at+"warn_at_pct[%d]", i), pct, 1, 99)
	}
	notNegative(c, at+"reopen_grace_seconds", p.ReopenGraceSeconds)
	notNegative(c, at+"first_fix_seconds", p.FirstFixSeconds)
	recurring(c, at+"ranking_every", p.RankingEvery)
	p.checkSLA(c)
}

// checkSLA wants one promise for every ticket, and no promise that can never
// apply because an earlier one takes all its tickets.
func (p Tickets) checkSLA(c *input.Checker) {
	const at = "tickets.sla"
	list := make([]string, len(p.SLA))
	for i, s := range p.SLA {
		list[i] = s.Name
		s.check(c, fmt.Sprintf("%s[%d].", at, i), p)
		for j, earlier := range p.SLA[:i] {
			if earlier.When.fits(s.When) {
				c.Add(fmt.Sprintf("%s[%d].when", at, i), "it never applies: %s[%d] takes all its tickets", at, j)
				break
			}
		}
	}
	names(c, at, list, 1)
	if n := len(p.SLA); n > 0 && p.SLA[n-1].When != (Condition{}) {
		c.Add(fmt.Sprintf("%s[%d].when", at, n-1), "the last one must fit every ticket, so its conditions must be empty")
	}
}

func (s SLA) check(c *input.Checker, at string, p Tickets) {
	c.OneOf(at+"when.priority", s.When.Priority, p.Priorities)
	c.OneOf(at+"when.complexity", s.When.Complexity, p.Complexities)
	c.OneOf(at+"when.type", s.When.Type, p.Types)
	c.OneOf(at+"when.category", s.When.Category, p.Categories)
	c.OneOf(at+"when.scene", s.When.Scene, p.Scenes)
	c.Required(at+"calendar", s.Calendar)
	c.OneOf(at+"calendar", s.Calendar, []string{AroundTheClock})
	targets := make([]string, len(s.Targets))
	for i, t := range s.Targets {
		targets[i] = t.Name
		field := fmt.Sprintf("%stargets[%d].", at, i)
		c.OneOf(field+"name", t.Name, []string{FirstResponse, FirstSolution, Resolution})
		notNegative(c, field+"seconds", t.Seconds)
		names(c, field+"paused_by", t.PausedBy, 0)
		for _, reason := range t.PausedBy {
			c.OneOf(field+"paused_by", reason, p.WaitingReasons)
		}
	}
	names(c, at+"targets", targets, 0)
}
