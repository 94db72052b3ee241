package projections

import (
	"context"
	"slices"
	"strings"
)

// CustomerFilter asks for a page of customers. Fields are combined with "and".
type CustomerFilter struct {
	Paging
	Q          string `query:"q" doc:"Start of the name, in capital or small letters; sorted by name" example:"acm" maxLength:"200"`
	Number     string `query:"number" doc:"Customer number" maxLength:"200" example:"202405-001"`
	ExternalID string `query:"external_id" doc:"Id in another system" maxLength:"200" example:"A-17"`
	Stage      string `query:"stage" doc:"Of the lifecycle" maxLength:"200" example:"potential"`
	Owner      string `query:"owner" doc:"Who is responsible on our side" maxLength:"200" example:"ann"`
	Industry   string `query:"industry" doc:"Industry" maxLength:"200" example:"retail"`
	Tag        string `query:"tag" doc:"dimension:value" example:"grade:strategic" pattern:"^[^:]+:.+$" maxLength:"401"`
	Sort       string `query:"sort" enum:"registered,name" default:"registered" doc:"Newest first, or by name"`
}

// Names of the indexes of customers. The unit separator occurs in no value.
const (
	customersAll        = "all"
	customersByStage    = "stage\x1f"
	customersByOwner    = "owner\x1f"
	customersByIndustry = "industry\x1f"
	customersByTag      = "tag\x1f"
	customersByName     = "name"
	customersByNumber   = "number"
	customersByExternal = "external"
)

// facts places the customer in orderings: each filter alone, newest first; and
// all by name, which the search for a name reads too.
func (c *Customer) facts(f *Facts) {
	if c.RegisteredAt.IsZero() {
		return // known from deals or tickets only
	}
	registered := SortTime(c.RegisteredAt)
	f.Index(customersAll, registered)
	f.Index(customersByName, folded(c.Name))
	f.Index(customersByStage+c.Stage, registered)
	if c.Owner != "" {
		f.Index(customersByOwner+c.Owner, registered)
	}
	if c.Industry != "" {
		f.Index(customersByIndustry+c.Industry, registered)
	}
	for dimension, values := range c.Tags {
		for _, value := range values {
			f.Index(customersByTag+dimension+":"+value, registered)
		}
	}
	if c.Number != "" {
		f.Index(customersByNumber, c.Number)
	}
	if c.ExternalID != "" {
		f.Index(customersByExternal, c.ExternalID)
	}
}

// folded is a name as it is sorted and searched.
func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// List returns a page of customers, see Customer. It fails with ErrCursor.
func (q Customers) List(ctx context.Context, filter CustomerFilter) (List, error) {
	return list(ctx, q.Views, filter.listing(), filter.Paging)
}

// listing chooses the index that leaves the fewest documents to check.
func (f CustomerFilter) listing() listing {
	f.Paging = Paging{}
	l := listing{model: CustomerModel, filter: f}
	left := f // what the index does not answer
	left.Sort = ""
	switch {
	case f.Number != "":
		l.index, left.Number = customersByNumber, ""
		l.exactly(f.Number)
	case f.ExternalID != "":
		l.index, left.ExternalID = customersByExternal, ""
		l.exactly(f.ExternalID)
	case f.Q != "":
		l.index, left.Q = customersByName, ""
		l.from, l.totalUnknown = folded(f.Q), true
		l.below = l.from + "\xff" // after every text that starts so
	case f.Sort == "name":
		l.index = customersByName
	case f.Tag != "":
		l.index, left.Tag, l.newest = customersByTag+f.Tag, "", true
	case f.Owner != "":
		l.index, left.Owner, l.newest = customersByOwner+f.Owner, "", true
	case f.Industry != "":
		l.index, left.Industry, l.newest = customersByIndustry+f.Industry, "", true
	case f.Stage != "":
		l.index, left.Stage, l.newest = customersByStage+f.Stage, "", true
	default:
		l.index, l.newest = customersAll, true
	}
	if left != (CustomerFilter{}) {
		l.fits = checked(left.fits)
	}
	return l
}

// exactly narrows a listing to one sort key.
func (l *listing) exactly(key string) {
	l.from, l.below, l.totalUnknown = key+"\x00", key+"\x01", true
}

// customerKeys is what can be filtered by.
type customerKeys struct {
	Name       string              `json:"name"`
	Number     string              `json:"number"`
	ExternalID string              `json:"external_id"`
	Stage      string              `json:"stage"`
	Owner      string              `json:"owner"`
	Industry   string              `json:"industry"`
	Tags       map[string][]string `json:"tags"`
}

func (f CustomerFilter) fits(c customerKeys) bool {
	dimension, value, _ := strings.Cut(f.Tag, ":")
	return strings.HasPrefix(folded(c.Name), folded(f.Q)) && asked(f.Number, c.Number) && asked(f.ExternalID, c.ExternalID) &&
		asked(f.Stage, c.Stage) && asked(f.Owner, c.Owner) && asked(f.Industry, c.Industry) &&
		(f.Tag == "" || slices.Contains(c.Tags[dimension], value))
}
