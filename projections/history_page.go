package projections

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/annals-crm/annals/domain"
)

const oldestFirst = "oldest"

// page chooses the events of one page, in the order of the log, and where the
// next one goes on. A cursor is the log position of the last event shown, so
// events that come in meanwhile shift nothing.
func (f HistoryFilter) page(kind *Kind, id string, s *story, fitting []int) (page []int, next string, err error) {
	limit := f.Limit
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, pageMost)
	mark := f.mark(kind, id)
	if f.Cursor != "" {
		after, err := position(f.Cursor, mark)
		if err != nil {
			return nil, "", err
		}
		at, found := slices.BinarySearchFunc(fitting, after, func(i int, p domain.Position) int { return s.events[i].Position.Compare(p) })
		switch {
		case f.Order != oldestFirst:
			fitting = fitting[:at]
		case found:
			fitting = fitting[at+1:]
		default:
			fitting = fitting[at:]
		}
	}
	if len(fitting) <= limit {
		return fitting, "", nil
	}
	page, last := fitting[:limit], fitting[limit-1]
	if f.Order != oldestFirst {
		page = fitting[len(fitting)-limit:]
		last = page[0]
	}
	at := s.events[last].Position
	text := binary.BigEndian.AppendUint64(mark, at.Commit)
	return page, base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(text, at.Prepare)), nil
}

// mark is the same for all pages of one list and for those of no other.
func (f HistoryFilter) mark(kind *Kind, id string) []byte {
	f.Paging = Paging{}
	if f.Order != oldestFirst {
		f.Order = ""
	}
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, kind.Name, id, f) // a hash takes everything
	return binary.BigEndian.AppendUint64(nil, sum.Sum64())
}

func position(cursor string, mark []byte) (domain.Position, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) != 24 || string(text[:8]) != string(mark) {
		return domain.Position{}, ErrCursor
	}
	return domain.Position{Commit: binary.BigEndian.Uint64(text[8:]), Prepare: binary.BigEndian.Uint64(text[16:])}, nil
}
