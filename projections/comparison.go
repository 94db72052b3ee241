package projections

import (
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/difference"
)

// Comparison says in what a build of a read model differs from the one that is
// served. Examples are bounded, so that it can be read; totals are not.
type Comparison struct {
	Served    string          `json:"served" doc:"Build that queries read" example:"3"`
	Built     string          `json:"built" doc:"Build it was compared with" example:"3.1"`
	Position  domain.Position `json:"position" doc:"How far both had come when the last of it was compared" example:"8312/8312"`
	Documents Compared        `json:"documents" doc:"Records"`
	Counts    Compared        `json:"counts" doc:"Counts and sums"`
	Members   Compared        `json:"members" doc:"Places of records in lists"`
	Samples   Compared        `json:"samples" doc:"Values of records in distributions"`
	Examples  []Differing     `json:"examples" doc:"What differs, at most a few dozen of each kind" nullable:"false"`
	Omitted   int64           `json:"omitted" doc:"Differences found beyond the examples" example:"0"`
}

// Compared is how much was compared, and how much of it differs.
type Compared struct {
	Total   int64 `json:"total" doc:"How many there are" example:"20000"`
	Differs int64 `json:"differs" doc:"How many of them differ" example:"0"`
}

// Clean tells whether nothing differs.
func (c Comparison) Clean() bool {
	return c.Documents.Differs+c.Counts.Differs+c.Members.Differs+c.Samples.Differs == 0
}

// ErrUnsteady says that two builds were never found at the same position.
var ErrUnsteady = &domain.Error{Kind: domain.Unavailable, Code: "builds_apart", Message: "the two builds were never found at the same position: one of them is not being kept up to date"}

// Differing is one thing that differs.
type Differing struct {
	Kind   string `json:"kind" doc:"What it is" enum:"document,count,member,sample" example:"document"`
	Name   string `json:"name" doc:"Id of the record, or name of the group, list or distribution" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Field  string `json:"field,omitempty" doc:"Path in the record, field of the group, or whose place or value it is" example:"amount.minor"`
	Served any    `json:"served" doc:"What queries read; null if nothing"`
	Built  any    `json:"built" doc:"What the other build holds; null if nothing"`
}

const (
	examplesOfKind     = 40
	examplesOfDocument = 10
	exampleLength      = 200 // of a text that is shown
)

// Comparer collects what a store finds when it holds two builds of a read model
// against each other. The zero value is ready.
type Comparer struct {
	comparison Comparison
	shown      map[string]int
}

// Document compares the texts of one document, nil if a build has none.
func (c *Comparer) Document(id string, served, built []byte) error {
	c.comparison.Documents.Total++
	if string(served) == string(built) && (served == nil) == (built == nil) {
		return nil
	}
	found, err := difference.Between(served, built)
	if err != nil || len(found) == 0 {
		return err //nolint:wrapcheck // ours
	}
	c.comparison.Documents.Differs++
	for i, d := range found {
		c.show(Differing{Kind: "document", Name: id, Field: d.Path, Served: d.From, Built: d.To}, i >= examplesOfDocument)
	}
	return nil
}

// Count compares one count; none is the same as 0.
func (c *Comparer) Count(group, field string, served, built int64) {
	if served == 0 && built == 0 {
		return
	}
	c.comparison.Counts.Total++
	if served != built {
		c.comparison.Counts.Differs++
		c.show(Differing{Kind: "count", Name: group, Field: field, Served: served, Built: built}, false)
	}
}

// Member compares whether a member stands in an index. The NUL between its key
// and the id is shown as a blank.
func (c *Comparer) Member(index, member string, served, built bool) {
	c.comparison.Members.Total++
	if served != built {
		c.comparison.Members.Differs++
		c.show(Differing{Kind: "member", Name: index, Field: member, Served: served, Built: built}, false)
	}
}

// Sample compares the value of a document in a set, nil if it has none.
func (c *Comparer) Sample(set, id string, served, built *int64) {
	c.comparison.Samples.Total++
	if (served == nil) != (built == nil) || served != nil && *served != *built {
		c.comparison.Samples.Differs++
		c.show(Differing{Kind: "sample", Name: set, Field: id, Served: orNil(served), Built: orNil(built)}, false)
	}
}

// SameSamples adds values that were found to be the same.
func (c *Comparer) SameSamples(n int64) { c.comparison.Samples.Total += n }

func orNil(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func (c *Comparer) show(d Differing, beyond bool) {
	if c.shown == nil {
		c.shown = map[string]int{}
	}
	if beyond || c.shown[d.Kind] >= examplesOfKind {
		c.comparison.Omitted++
		return
	}
	c.shown[d.Kind]++
	d.Name, d.Field = readable(d.Name), readable(d.Field)
	d.Served, d.Built = shortened(d.Served), shortened(d.Built)
	c.comparison.Examples = append(c.comparison.Examples, d)
}

// Result is what was found; served and built are the builds, and position how
// far both have come.
func (c *Comparer) Result(served, built Model, position domain.Position) Comparison {
	r := c.comparison
	r.Served, r.Built, r.Position = served.Label(), built.Label(), position
	if r.Examples == nil {
		r.Examples = []Differing{}
	}
	return r
}

// readable shows separators that no terminal shows.
func readable(s string) string {
	text := []rune(s)
	for i, r := range text {
		if r < ' ' {
			text[i] = ' '
		}
	}
	return string(text)
}

func shortened(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	if runes := []rune(text); len(runes) > exampleLength {
		return string(runes[:exampleLength]) + "…"
	}
	return text
}
