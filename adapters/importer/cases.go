package importer

import "fmt"

// openCases holds the cases of which rows are still to come. Where the rows of
// a case stand together that is one; in a log sorted by time it is those in
// work at the same time.
type openCases struct {
	file *File
	open map[string]*ticketCase
}

func newOpenCases(f *File) *openCases { return &openCases{f, map[string]*ticketCase{}} }

func (o *openCases) add(b *binding, r row, refused *Refusal, emit func(Item) error) error {
	id := b.caseOf(r, refused)
	if id == "" { // a row that belongs to no case we know
		if refused != nil {
			return emit(Item{Refused: []Refusal{*refused}, Rows: 1})
		}
		return emit(Item{Refused: b.read(r).problems, Rows: 1})
	}
	c := o.open[id]
	if c == nil {
		c = &ticketCase{}
		o.open[id] = c
	}
	if refused != nil {
		c.rows++
		c.refused = append(c.refused, *refused)
	} else {
		c.add(b, r)
	}
	if c.rows < o.file.cases[o.file.hash(id)] {
		return nil
	}
	delete(o.open, id)
	plan, wrong := c.plan()
	if len(wrong) > 0 && c.rows > 1 {
		wrong = append(wrong, Refusal{
			Line: wrong[0].Line, ExternalID: id, Code: "case_incomplete",
			Reason: fmt.Sprintf("none of the %d rows of this case is imported, because the row on line %d is refused", c.rows, wrong[0].Line),
		})
	}
	return emit(Item{Plan: plan, Refused: wrong, Rows: c.rows})
}
