package httpapi

import "github.com/annals-crm/annals/projections"

// Queries is the read side of the API.
type Queries struct {
	Views projections.Views
}

// routes is the table of contents of all queries.
func (q *Queries) routes() []route { return nil }
