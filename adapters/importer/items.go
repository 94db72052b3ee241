package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
)

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
