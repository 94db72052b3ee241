package eventstore

import (
	"bytes"
	"regexp"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// defaultWindow is the search window of a client that sets no limit to it.
const defaultWindow = 32

// filter selects events of $all by stream name or by type. The zero filter selects all.
type filter struct {
	active   bool
	byStream bool
	prefixes [][]byte
	pattern  *regexp.Regexp
	// interval is how many events are looked at between two checkpoints.
	interval int
}

func newFilter(o *streams.ReadReq_Options_FilterOptions) (filter, error) {
	if o == nil {
		return filter{}, nil
	}
	f := filter{active: true}
	var expression *streams.ReadReq_Options_FilterOptions_Expression
	switch by := o.GetFilter().(type) {
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		f.byStream, expression = true, by.StreamIdentifier
	case *streams.ReadReq_Options_FilterOptions_EventType:
		expression = by.EventType
	default:
		return filter{}, &badRequestError{"the filter says neither stream nor event type"}
	}
	for _, prefix := range expression.GetPrefix() {
		f.prefixes = append(f.prefixes, []byte(prefix))
	}
	if len(f.prefixes) == 0 {
		pattern, err := regexp.Compile(expression.GetRegex())
		if err != nil {
			return filter{}, &badRequestError{"the filter is not a regular expression: " + err.Error()}
		}
		f.pattern = pattern
	}
	window := defaultWindow
	if limit, ok := o.GetWindow().(*streams.ReadReq_Options_FilterOptions_Max); ok && limit.Max > 0 {
		window = int(limit.Max)
	}
	f.interval = window * int(o.GetCheckpointIntervalMultiplier())
	return f, nil
}

// forSubscription refuses what only makes sense without checkpoints.
func (f filter) forSubscription() error {
	if f.active && f.interval == 0 {
		return &badRequestError{"the checkpoint interval multiplier must be greater than 0"}
	}
	return nil
}

func (f filter) selects(r eventlog.Record) bool {
	if !f.active {
		return true
	}
	subject := r.Type()
	if f.byStream {
		subject = r.Stream()
	}
	for _, prefix := range f.prefixes {
		if bytes.HasPrefix(subject, prefix) {
			return true
		}
	}
	return f.pattern != nil && f.pattern.Match(subject)
}
