package main

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain"
)

// That read models are behind is a warning while somebody works on it, and a
// failure when nobody does.
func TestDoctorTellsADeadProjectorFromABusyOne(t *testing.T) {
	at := func(n uint64) domain.Position { return domain.Position{Commit: n, Prepare: n} }
	for name, c := range map[string]struct {
		deals, tickets [2]uint64 // positions at the first look and at the second; the log ends at 9
		atRest         bool
		status, found  string
	}{
		"nobody projects":         {[2]uint64{5, 5}, [2]uint64{9, 9}, false, failed, "nobody projects"},
		"nobody ever did":         {[2]uint64{0, 0}, [2]uint64{0, 0}, false, failed, "deals, tickets"},
		"one is stuck":            {[2]uint64{5, 5}, [2]uint64{5, 7}, false, warned, "stand still behind the end of the log: deals"},
		"both are being taken in": {[2]uint64{5, 7}, [2]uint64{5, 9}, false, passed, "no read model"},
		"both are there":          {[2]uint64{9, 9}, [2]uint64{9, 9}, false, passed, "no read model"},
		"no server runs":          {[2]uint64{5, 5}, [2]uint64{9, 9}, true, passed, "1 of 2 read models"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looks, d := 0, &visit{}
				d.checkReadModels(t.Context(), "", c.atRest, func(context.Context) ([]httpapi.ReadModel, error) {
					all := []httpapi.ReadModel{
						{Name: "deals", Served: "3", Position: at(c.deals[looks]), End: at(9)},
						{Name: "tickets", Served: "2", Position: at(c.tickets[looks]), End: at(9)},
					}
					looks++
					return all, nil
				})
				for _, f := range d.Checks {
					if f.Check == "lag" {
						assert.Equal(t, c.status, f.Status, f.Found)
						assert.Contains(t, f.Found, c.found)
					}
				}
			})
		})
	}
}
