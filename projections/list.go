package projections

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
)

const (
	pageSize = 50  // of a list, unless asked otherwise
	pageMost = 200 // what may be asked

	// Filters without an index of their own are checked on documents. Chunks of
	// readAtOnce are read until the page is full, at most readMost in all; the
	// page may then be short, and its cursor goes on from there.
	readAtOnce = 250
	readMost   = 2000
)

// unknownTotal is the total of a list whose filter has no index of its own.
const unknownTotal = -1

// Paging asks for one page of a list.
type Paging struct {
	Limit  int    `query:"limit" doc:"Most items to return" default:"50" minimum:"1" maximum:"200"`
	Cursor string `query:"cursor" doc:"next of the page before; only with the same filter" maxLength:"1000" example:"MjAyNC0wNS0zMQ"`
}

// List is one page of documents, as stored.
type List struct {
	Items []json.RawMessage `json:"items" doc:"Documents of this page" nullable:"false"`
	Total int64             `json:"total" doc:"How many there are in all; -1 if only reading them all would tell"`
	Next  string            `json:"next,omitempty" doc:"Cursor of the next page; none on the last. With a filter of several fields a page may be short and yet not be the last"`
}

// Append writes the list as JSON. Documents are JSON already, so, unlike
// json.Marshal, it does not read them again.
func (l List) Append(text []byte) []byte {
	text = append(text, `{"items":[`...)
	for i, item := range l.Items {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, item...)
	}
	text = append(text, `],"total":`...)
	text = strconv.AppendInt(text, l.Total, 10)
	if l.Next != "" {
		text = append(text, `,"next":"`...)
		text = append(text, l.Next...) // URL-safe base64 needs no escapes
		text = append(text, '"')
	}
	return append(text, '}')
}

// listing is how a filter is answered: a stretch of one index, and what is left
// to check on documents.
type listing struct {
	model        Model
	index        string
	from, below  string // sort keys; empty: all
	newest       bool   // greatest sort key first
	fits         func(document []byte) (bool, error)
	filter       any // what a cursor is good for
	totalUnknown bool
}

// checked makes what a filter leaves to check into a listing's fits.
func checked[K any](fits func(K) bool) func([]byte) (bool, error) {
	return func(document []byte) (bool, error) {
		var keys K
		if err := json.Unmarshal(document, &keys); err != nil {
			return false, fmt.Errorf("list: %w", err)
		}
		return fits(keys), nil
	}
}

// list reads one page. It fails with ErrCursor if the cursor is of another list.
func list(ctx context.Context, views Views, l listing, p Paging) (List, error) {
	limit := p.Limit
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, pageMost)
	scan := Scan{Index: l.index, After: l.from, Below: l.below, Reverse: l.newest, Limit: limit + 1}
	if p.Cursor != "" {
		member, err := l.member(p.Cursor)
		if err != nil {
			return List{}, err
		}
		scan.After = member
	}
	if l.fits != nil {
		scan.Limit = max(readAtOnce, limit+1)
	}
	page := List{Items: make([]json.RawMessage, 0, limit)}
	for read := 0; ; {
		scanned, err := views.Scan(ctx, l.model, scan)
		if err != nil {
			return List{}, err
		}
		page.Total = scanned.Total
		for i, document := range scanned.Documents {
			if len(page.Items) == limit {
				page.Next = l.cursor(scan.After)
				return page.total(l), nil
			}
			scan.After = scanned.Members[i]
			if document == nil {
				continue // gone from the index since
			}
			if l.fits != nil {
				fits, err := l.fits(document)
				if err != nil {
					return List{}, err
				}
				if !fits {
					continue
				}
			}
			page.Items = append(page.Items, document)
		}
		if len(scanned.Members) < scan.Limit {
			return page.total(l), nil
		}
		if read += len(scanned.Members); read >= readMost {
			page.Next = l.cursor(scan.After)
			return page.total(l), nil
		}
	}
}

func (l List) total(of listing) List {
	if of.fits != nil || of.totalUnknown {
		l.Total = unknownTotal
	}
	return l
}

// cursor names a place in this list and in no other.
func (l listing) cursor(member string) string {
	return base64.RawURLEncoding.EncodeToString(append(l.mark(), member...))
}

func (l listing) member(cursor string) (string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) <= 8 || string(text[:8]) != string(l.mark()) || string(text[8:]) < l.from {
		return "", ErrCursor
	}
	return string(text[8:]), nil
}

func (l listing) mark() []byte {
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, l.model.Name, l.model.Version, l.index, l.newest, l.filter) // a hash takes everything
	return binary.BigEndian.AppendUint64(nil, sum.Sum64())
}

// sortNumber is a number from 0 on as a key for Index.
func sortNumber(n int64) string {
	const digits = "0000000000000000000" // as many as int64 has
	text := strconv.FormatInt(max(n, 0), 10)
	return digits[len(text):] + text
}
