package projections

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
)

// Document answers what a record was at a point: the document that readers saw
// then, or would have seen. Errors are those of Tell.
func (h History) Document(ctx context.Context, kind *Kind, id string, at Point) ([]byte, error) {
	s, err := h.story(ctx, kind, id, at)
	if err != nil {
		return nil, err
	}
	return s.document()
}

// document folds the record the story is about.
func (s *story) document() ([]byte, error) {
	replay := s.kind.Model.Replay(s.id)
	for _, r := range s.events {
		if _, err := replay.Take(r); err != nil {
			continue // as in the live fold: what follows in that stream waits
		}
	}
	return replay.Document()
}

// HeldFilter asks for a page of the records that belong to another one.
type HeldFilter struct {
	Paging
	PointFilter
}

// Held answers which records of a kind belonged to a record at a point, and what
// they were, the first to come first. Errors are those of Tell.
func (h History) Held(ctx context.Context, kind *Kind, id string, held *Kind, f HeldFilter) (List, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, pageMost)
	after, mark := 0, f.mark(kind, id, held)
	if f.Cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(f.Cursor)
		if err != nil || len(text) != 16 || string(text[:8]) != string(mark) {
			return List{}, ErrCursor
		}
		after = int(binary.BigEndian.Uint64(text[8:])) //nolint:gosec // a count of records
	}
	s, err := h.story(ctx, kind, id, f.Point())
	if err != nil {
		return List{}, err
	}
	page := List{Items: []json.RawMessage{}}
	for _, m := range s.held(held.Name) {
		whose, err := m.replay.Field(m.field)
		if err != nil {
			return List{}, err
		}
		if string(whose) != quoted(id) {
			continue // no longer, or not yet
		}
		if page.Total++; int(page.Total) <= after || len(page.Items) == limit {
			continue
		}
		document, err := m.replay.Document()
		if err != nil {
			return List{}, err
		}
		page.Items = append(page.Items, document)
	}
	if seen := after + len(page.Items); int64(seen) < page.Total && len(page.Items) > 0 {
		page.Next = base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(mark, uint64(seen))) //nolint:gosec // a count
	}
	return page, nil
}

// held folds the records of a kind that are part of the story, in the order in
// which they came into being.
func (s *story) held(kind string) []*telling {
	var all []*telling
	byStream := map[string]*telling{}
	for _, r := range s.events {
		t := byStream[r.Stream]
		if t == nil {
			m := s.records[r.Stream]
			if m.kind.Name != kind || m.id == s.id {
				continue
			}
			t = &telling{member: m, stream: r.Stream, replay: m.kind.Model.Replay(m.id)}
			byStream[r.Stream], all = t, append(all, t)
		}
		if _, err := t.replay.Take(r); err != nil {
			continue // as in the live fold: what follows in that stream waits
		}
	}
	return all
}

func (f HeldFilter) mark(kind *Kind, id string, held *Kind) []byte {
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, kind.Name, id, held.Name, f.PointFilter) // a hash takes everything
	return binary.BigEndian.AppendUint64(nil, sum.Sum64())
}
