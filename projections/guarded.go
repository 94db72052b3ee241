package projections

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain/access"
)

// Guarded shows of views only the records within the reach of the context (see
// Within): a customer is its owner's, a deal its owner's and that of the owner of
// its customer, a ticket its assignee's and that of the owner of its customer
// (RB-02). Others are as if they did not exist. Figures are refused, unless they
// were asked for within that reach.
func Guarded(views Views) Views { return guarded{views} }

type guarded struct{ Views }

// ordering is one order of the documents of a read model: the index of all of
// them, and of the same by owner and by customer.
type ordering struct {
	model                    string
	all, byOwner, byCustomer string
}

var orderings = []ordering{
	{"customers", customersAll, customersByOwner, ""},
	{"deals", dealsAll, dealsByOwner, dealsByCustomer},
	{"deals", dealsByAmount, dealsOwnAmount, ""},
	{"tickets", ticketsAll, ticketsByAssignee, ticketsByCustomer},
	{"tickets", queueAll, queueByAssignee, queueByCustomer},
}

const (
	unionMost  = 500         // indexes that are read side by side
	scanAtOnce = 5000        // members of an index
	ownerOnly  = "customers" // the read model whose records belong to no customer
)

// whose is what says whose a document is.
type whose struct {
	Owner      string `json:"owner"`
	Assignee   string `json:"assignee"`
	CustomerID string `json:"customer_id"`
}

// Document is nil for a record out of reach.
func (g guarded) Document(ctx context.Context, m Model, id string) ([]byte, error) {
	document, err := g.Views.Document(ctx, m, id)
	s := sightOf(ctx)
	if s == nil || document == nil || err != nil {
		return document, err
	}
	sees, err := g.sees(ctx, s, m, document)
	if !sees {
		document = nil
	}
	return document, err
}

// Figures fails with access.ErrBeyondReach if records are out of reach.
func (g guarded) Figures(ctx context.Context, m Model, ask Ask) (Figures, error) {
	if told, _ := ctx.Value(restrictedKey{}).(bool); sightOf(ctx) != nil && !told {
		return Figures{}, access.ErrBeyondReach.Because("these figures are of records that you do not see")
	}
	return g.Views.Figures(ctx, m, ask)
}

// Scan leaves out the documents of records out of reach.
func (g guarded) Scan(ctx context.Context, m Model, scan Scan) (Scanned, error) {
	s := sightOf(ctx)
	if s == nil {
		return g.Views.Scan(ctx, m, scan)
	}
	scan, exact, err := g.narrow(ctx, s, m, scan)
	if err != nil {
		return Scanned{}, err
	}
	scanned, err := g.Views.Scan(ctx, m, scan)
	if exact || err != nil {
		return scanned, err
	}
	scanned.Total = unknownTotal
	if m.Name != ownerOnly { // whose customers are within reach is looked up in one go
		if _, err := g.customers(ctx, s); err != nil {
			return Scanned{}, err
		}
	}
	for i, document := range scanned.Documents {
		if document == nil {
			continue
		}
		sees, err := g.sees(ctx, s, m, document)
		if err != nil {
			return Scanned{}, err
		}
		if !sees {
			scanned.Documents[i] = nil
		}
	}
	return scanned, nil
}

// narrow reads, instead of an index of all, those of who is within reach. Exact
// says that the index holds nothing out of reach.
func (g guarded) narrow(ctx context.Context, s *sight, m Model, scan Scan) (_ Scan, exact bool, err error) {
	for _, o := range orderings {
		if o.model != m.Name {
			continue
		}
		if owner, ok := strings.CutPrefix(scan.Index, o.byOwner); ok && s.reach.Includes(owner) {
			return scan, true, nil
		}
		if customer, ok := strings.CutPrefix(scan.Index, o.byCustomer); ok && o.byCustomer != "" {
			sees, err := g.seesCustomer(ctx, s, customer)
			if sees || err != nil {
				return scan, true, err
			}
		}
		if scan.Index == o.all && (o.byCustomer != "" || m.Name == ownerOnly) {
			return g.union(ctx, s, o, scan)
		}
	}
	return scan, false, nil
}

// union reads the indexes by owner and by customer as one, unless there are so
// many of them that it is quicker to look at every document.
func (g guarded) union(ctx context.Context, s *sight, o ordering, scan Scan) (_ Scan, exact bool, err error) {
	var all []string
	for _, owner := range s.reach.Owners() {
		all = append(all, o.byOwner+owner)
	}
	if o.byCustomer != "" {
		customers, err := g.customers(ctx, s)
		if err != nil {
			return scan, false, err
		}
		for id := range customers {
			all = append(all, o.byCustomer+id)
		}
	}
	switch {
	case len(all) == 1:
		scan.Index, exact = all[0], true
	case len(all) <= unionMost:
		scan.Union = all
	}
	return scan, exact, nil
}

// sees says whether a document is of a record within reach.
func (g guarded) sees(ctx context.Context, s *sight, m Model, document []byte) (bool, error) {
	if !slices.ContainsFunc(orderings, func(o ordering) bool { return o.model == m.Name }) {
		return false, nil // nobody's
	}
	var of whose
	if err := json.Unmarshal(document, &of); err != nil {
		return false, fmt.Errorf("whose is a document of %s: %w", m.Name, err)
	}
	if s.reach.Includes(cmp.Or(of.Owner, of.Assignee)) {
		return true, nil
	}
	return g.seesCustomer(ctx, s, of.CustomerID)
}

// seesCustomer says whether a customer is within reach.
func (g guarded) seesCustomer(ctx context.Context, s *sight, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	s.mu.Lock()
	known, mine := s.mine != nil, s.mine[id]
	s.mu.Unlock()
	if known {
		return mine, nil
	}
	document, err := g.Views.Document(ctx, CustomerModel, id)
	if document == nil || err != nil {
		return false, err
	}
	var of whose
	err = json.Unmarshal(document, &of)
	return s.reach.Includes(of.Owner), err
}

// customers are the ids of those within reach.
func (g guarded) customers(ctx context.Context, s *sight) (map[string]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mine != nil {
		return s.mine, nil
	}
	mine := map[string]bool{}
	for _, owner := range s.reach.Owners() {
		scan := Scan{Index: customersByOwner + owner, Limit: scanAtOnce, Bare: true}
		for {
			scanned, err := g.Views.Scan(ctx, CustomerModel, scan)
			if err != nil {
				return nil, err
			}
			for _, member := range scanned.Members {
				mine[member[strings.LastIndexByte(member, 0)+1:]] = true
			}
			if len(scanned.Members) < scan.Limit {
				break
			}
			scan.After = scanned.Members[len(scanned.Members)-1]
		}
	}
	s.mine = mine
	return mine, nil
}
