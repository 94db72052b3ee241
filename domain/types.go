package domain

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Type ties one wire name to the code that turns its bytes into an event.
type Type struct {
	Name   string
	Decode func(data []byte) (Event, error)
}

// Current declares the wire type that E is written as today.
func Current[E Event]() Type {
	var zero E
	return Type{Name: zero.EventType(), Decode: func(data []byte) (Event, error) {
		return decode[E](data)
	}}
}

// Superseded declares a wire type that is still in old streams but no longer
// written; upcast turns it into the event that replaced it.
func Superseded[Old any, E Event](name string, upcast func(Old) E) Type {
	return Type{Name: name, Decode: func(data []byte) (Event, error) {
		old, err := decode[Old](data)
		if err != nil {
			return nil, err
		}
		return upcast(old), nil
	}}
}

func decode[T any](data []byte) (T, error) {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return v, fmt.Errorf("decode %T: %w", v, err)
	}
	return v, nil
}

// Registry knows every wire type of the program.
type Registry map[string]Type

// NewRegistry joins the type tables of all aggregates. It panics when two
// types share a name, which a test of the program's own table would show.
func NewRegistry(tables ...[]Type) Registry {
	r := Registry{}
	for _, t := range slices.Concat(tables...) {
		if _, twice := r[t.Name]; twice {
			panic("event type declared twice: " + t.Name)
		}
		r[t.Name] = t
	}
	return r
}

// Decode turns stored bytes into an event. Bytes it cannot read come back as
// Undecodable: whether that matters is for the reader to say.
func (r Registry) Decode(name string, data []byte) Event {
	t, ok := r[name]
	if !ok {
		return Undecodable{Type: name, Err: fmt.Errorf("unknown event type %s", name)}
	}
	e, err := t.Decode(data)
	if err != nil {
		return Undecodable{Type: name, Err: err}
	}
	return e
}

// Names lists every wire type, sorted.
func (r Registry) Names() []string {
	names := make([]string, 0, len(r))
	for name := range r {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
