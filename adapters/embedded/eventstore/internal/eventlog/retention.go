package eventlog

import (
	"encoding/json"
	"strings"
	"time"
)

// retention says which events of a stream its readers still see. It hides; it never removes, so $all stays complete.
type retention struct {
	truncateBefore int64 // revisions below are hidden
	maxCount       int64 // 0: no bound
	maxAgeSeconds  int64 // 0: no bound
}

const (
	metastreamPrefix = "$$"
	// MetadataType is the event type that describes a stream.
	MetadataType  = "$metadata"
	tombstoneType = "$streamDeleted"
)

// described returns the stream that a metastream describes.
func described(stream string) (string, bool) { return strings.CutPrefix(stream, metastreamPrefix) }

// parseRetention reads what it can: metadata is the writers' own document, and one odd property must not hide the others.
func parseRetention(metadata []byte) retention {
	var properties map[string]json.RawMessage
	if json.Unmarshal(metadata, &properties) != nil {
		return retention{}
	}
	number := func(name string) int64 {
		var n int64
		if json.Unmarshal(properties[name], &n) != nil || n < 0 {
			return 0
		}
		return n
	}
	return retention{truncateBefore: number("$tb"), maxCount: number("$maxCount"), maxAgeSeconds: number("$maxAge")}
}

// withTruncateBefore keeps every other property, including those of the writers' own.
func withTruncateBefore(metadata []byte, before int64) ([]byte, error) {
	properties := map[string]json.RawMessage{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &properties) != nil {
		properties = map[string]json.RawMessage{}
	}
	value, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	properties["$tb"] = value
	return json.Marshal(properties)
}

// window is the part of a stream that a reader sees.
type window struct {
	first int64
	since time.Time // zero: no bound
}

func (h head) window(stream string, now time.Time) window {
	bounds := h.retention
	if _, meta := described(stream); meta {
		bounds.maxCount = 1
	}
	w := window{first: bounds.truncateBefore}
	if bounds.maxCount > 0 {
		w.first = max(w.first, h.last-bounds.maxCount+1)
	}
	if bounds.maxAgeSeconds > 0 {
		age := time.Duration(min(bounds.maxAgeSeconds, int64(maxAge/time.Second))) * time.Second
		w.since = now.Add(-age)
	}
	return w
}

// maxAge keeps the subtraction of an absurd age within what a time can hold.
const maxAge = 200 * 365 * 24 * time.Hour

func (w window) shows(r Record) bool {
	return r.Revision() >= w.first && (w.since.IsZero() || r.Created().After(w.since))
}
