package projections

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// Replay folds one document in memory, event by event, with the reactions of
// its read model: what it was after any of its events is what readers saw then.
// It belongs to one goroutine.
type Replay interface {
	// Take folds an event, if it concerns the document, and tells whether it
	// did. After an error the document is what it was before the event, and later
	// events of that stream are refused, as the live fold parks them.
	Take(r *domain.Recorded) (touched bool, err error)
	// Document is the JSON of the document as of now; nil before its own first event.
	Document() ([]byte, error)
	// Field is the JSON of one top-level field; nil if there is no such field.
	Field(name string) ([]byte, error)
}

// Replay starts the document with an id anew.
func (m Model) Replay(id string) Replay { return m.replay(id) }

// replay is Replay for documents D.
type replay[D any] struct {
	id        string
	reactions map[string][]Reaction[D]
	fields    map[string][]int // see fieldsOf
	document  document[D]
	begun     bool // an event of its own stream was folded
	taken     []*domain.Recorded
	failed    map[string]bool // streams
}

func newReplay[D any](id string, reactions map[string][]Reaction[D], fields map[string][]int) Replay {
	p := &replay[D]{id: id, reactions: reactions, fields: fields, failed: map[string]bool{}}
	p.document.facts = &Facts{id: id}
	return p
}

func (p *replay[D]) Take(r *domain.Recorded) (touched bool, err error) {
	if p.failed[r.Stream] {
		return false, fmt.Errorf("an earlier event of %s could not be folded", r.Stream)
	}
	if touched, err = p.take(r); err == nil {
		if touched {
			p.taken = append(p.taken, r)
		}
		return touched, nil
	}
	p.failed[r.Stream] = true
	if touched { // perhaps half of what it does was done
		p.begun, p.document = false, document[D]{facts: &Facts{id: p.id}}
		for _, r := range p.taken {
			if _, err := p.take(r); err != nil {
				return false, err
			}
		}
	}
	return false, err
}

func (p *replay[D]) take(r *domain.Recorded) (touched bool, err error) {
	if u, bad := r.Event.(domain.Undecodable); bad {
		return false, u.Err
	}
	reactions := p.reactions[r.Event.EventType()]
	for i := range reactions {
		id, bad := subjectOf(&reactions[i], r)
		if bad == nil && id == p.id {
			touched, p.begun = true, p.begun || reactions[i].own
			s := step[D]{event: r, reaction: &reactions[i], doc: &p.document}
			bad = s.take()
		}
		if bad != nil {
			return touched, fmt.Errorf("event %d of %s: %s", bad.revision, bad.stream, bad.reason)
		}
	}
	return touched, nil
}

func (p *replay[D]) Document() ([]byte, error) {
	if !p.begun {
		return nil, nil
	}
	return json.Marshal(&p.document.value)
}

func (p *replay[D]) Field(name string) ([]byte, error) {
	index, ok := p.fields[name]
	if !ok || !p.begun {
		return nil, nil
	}
	return json.Marshal(reflect.ValueOf(&p.document.value).Elem().FieldByIndex(index).Interface())
}

// fieldsOf finds the top-level fields of documents D by their JSON names.
func fieldsOf[D any]() map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[D]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			fields[name] = f.Index
		}
	}
	return fields
}
