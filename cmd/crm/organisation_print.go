package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/annals-crm/annals/projections"
)

// printOrganisation prints departments below each other, and who is in them.
func printOrganisation(out io.Writer, tree projections.OrganisationTree) error {
	var b strings.Builder
	var department func(indent string, d projections.DepartmentNode)
	department = func(indent string, d projections.DepartmentNode) {
		b.WriteString(indent + clean(d.Name))
		if d.ManagerID != "" {
			b.WriteString("  manager " + clean(d.ManagerID))
		}
		if d.LiaisonID != "" {
			b.WriteString("  liaison " + clean(d.LiaisonID))
		}
		b.WriteString("\n")
		for _, m := range d.Members {
			b.WriteString(indent + "  - " + memberLine(m) + "\n")
		}
		for _, below := range d.Departments {
			department(indent+"  ", below)
		}
	}
	for _, d := range tree.Departments {
		department("", d)
	}
	fmt.Fprintf(&b, "%d members\n", tree.Members)
	_, err := io.WriteString(out, b.String())
	return err
}

func memberLine(m projections.OrganisationMember) string {
	line := m.ID
	if m.Name != m.ID {
		line += " (" + m.Name + ")"
	}
	if m.Position != "" {
		line += ", " + m.Position
	}
	for _, s := range m.Substitutes {
		line += ", substitute " + s.SubstituteID + " from " + s.From.Local().Format(time.RFC3339)
		if s.Until != nil {
			line += " until " + s.Until.Local().Format(time.RFC3339)
		}
	}
	for _, role := range m.ProjectRoles {
		line += ", project " + role
	}
	return clean(line)
}
