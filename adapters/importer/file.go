package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// File is a CSV file tied to its mapping. It is read twice, and never held in
// memory: first to count it, to find the rows of each case and the first day of
// each customer, then to plan.
type File struct {
	Mapping Mapping
	Rows    int
	Sum     string // SHA-256 of the content

	path  string
	seed  maphash.Seed
	cases map[uint64]int       // tickets: rows of each case
	since map[string]time.Time // earliest time each customer is known
}

// Open checks that the mapping fits the file and everything it joins. It fails
// with Problems.
func Open(path, kind string, m Mapping) (*File, error) {
	var problems Problems
	m.check(&problems)
	if m.Kind != kind && len(problems) == 0 {
		problems.add("the mapping %s is for %s, not %s", m.Name, m.Kind, kind)
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	f := &File{Mapping: m, path: path, seed: maphash.MakeSeed(), cases: map[uint64]int{}, since: map[string]time.Time{}}
	return f, f.scan()
}

// Header is the first row of a CSV file.
func Header(path string, m Mapping) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	t, err := newTable(filepath.Base(path), file, m)
	if err != nil {
		return nil, err
	}
	return t.header.names, nil
}

// each calls visit for every row, the refused ones too.
func (f *File) each(see io.Writer, visit func(*binding, row, *Refusal) error) error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	t, err := newTable(filepath.Base(f.path), io.TeeReader(file, see), f.Mapping)
	if err != nil {
		return err
	}
	var problems Problems
	t.correct(f.Mapping.Values, &problems)
	b := bind(f.Mapping, t.header, filepath.Dir(f.path), &problems)
	if err := problems.err(); err != nil {
		return err
	}
	for {
		r, refused, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if refused != nil {
			refused.ExternalID = b.idOf(r, refused)
		}
		if err := visit(b, r, refused); err != nil {
			return err
		}
	}
}

// idOf is the external id of a refused row, where it is certain: in a ragged
// row only the first column surely stands where it belongs.
func (b *binding) idOf(r row, refused *Refusal) string {
	column, err := b.columns.find(b.mapping.Fields["external_id"].Column)
	if err != nil || len(r.cells) <= column || refused.Code == "ragged_row" && column > 0 || b.columns.names[column] == refused.Field {
		return ""
	}
	return r.cells[column]
}

func (f *File) scan() error {
	sum := sha256.New()
	err := f.each(sum, func(b *binding, r row, refused *Refusal) error {
		f.Rows++
		if b.mapping.Kind == Tickets {
			if id := b.caseOf(r, refused); id != "" {
				f.cases[f.hash(id)]++
			}
		}
		if refused == nil {
			f.meet(b.read(r))
		}
		return nil
	})
	f.Sum = hex.EncodeToString(sum.Sum(nil))
	return err
}

// meet notes since when a customer is known. It must not depend on which of
// its rows comes first, or a repeat could ask for something else.
func (f *File) meet(x *reading) {
	name := x.text("customer")
	if name == "" {
		return
	}
	field := "opened_at"
	if x.mapping.Kind == Tickets {
		field = "at"
	}
	at := x.time(field)
	if at == nil {
		return
	}
	if since, known := f.since[name]; !known || at.Before(since) {
		f.since[name] = *at
	}
}

func (b *binding) caseOf(r row, refused *Refusal) string {
	if refused != nil {
		return refused.ExternalID
	}
	return b.read(r).id
}

func (f *File) hash(id string) uint64 { return maphash.String(f.seed, id) }

// Item is what became of one row or case: a plan, or why there is none.
type Item struct {
	Plan    *Plan
	Refused []Refusal
	Rows    int
}

// errStop ends the reading when the reader of items has had enough.
var errStop = errors.New("stopped")

// Items plans the file from its start.
func (f *File) Items() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		emit := func(item Item) error {
			if item.Plan != nil && item.Plan.Customer != nil {
				if since, ok := f.since[item.Plan.Customer.Name]; ok {
					item.Plan.Customer.Since = &since
				}
			}
			if !yield(item, nil) {
				return errStop
			}
			return nil
		}
		err := f.plan(emit)
		if err != nil && !errors.Is(err, errStop) {
			yield(Item{}, err)
		}
	}
}

func (f *File) plan(emit func(Item) error) error {
	sum := sha256.New()
	open := newOpenCases(f)
	lines := map[uint64]int{} // of each external id
	err := f.each(sum, func(b *binding, r row, refused *Refusal) error {
		if f.Mapping.Kind == Tickets {
			return open.add(b, r, refused, emit)
		}
		if refused != nil {
			return emit(Item{Refused: []Refusal{*refused}, Rows: 1})
		}
		plan, wrong := b.deal(r)
		if plan != nil {
			id := f.hash(plan.ExternalID)
			if line, twice := lines[id]; twice {
				return emit(Item{Refused: []Refusal{{
					Line: r.line, ExternalID: plan.ExternalID, Field: f.Mapping.Fields["external_id"].Column, Code: "duplicate_id",
					Reason: fmt.Sprintf("line %d has the same id", line),
				}}, Rows: 1})
			}
			lines[id] = r.line
		}
		return emit(Item{Plan: plan, Refused: wrong, Rows: 1})
	})
	if err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.Sum {
		return fmt.Errorf("%s changed while it was imported; run the import again", filepath.Base(f.path))
	}
	return nil
}
