package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"io"
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
