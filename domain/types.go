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
	decode func(Unmarshal, []byte) (Event, error)
}

// Unmarshal reads JSON into what v points to, as json.Unmarshal does.
type Unmarshal func(data []byte, v any) error

// Current declares the wire type that E is written as today.
func Current[E Event]() Type {
	var zero E
	return declared(zero.EventType(), func(unmarshal Unmarshal, data []byte) (Event, error) {
		return decode[E](unmarshal, data)
	})
}

// Superseded declares a wire type that is still in old streams but no longer
// written; upcast turns it into the event that replaced it.
func Superseded[Old any, E Event](name string, upcast func(Old) E) Type {
	return declared(name, func(unmarshal Unmarshal, data []byte) (Event, error) {
		old, err := decode[Old](unmarshal, data)
		if err != nil {
			return nil, err
		}
		return upcast(old), nil
	})
}

func declared(name string, decode func(Unmarshal, []byte) (Event, error)) Type {
	return Type{
		Name: name, decode: decode,
		Decode: func(data []byte) (Event, error) { return decode(json.Unmarshal, data) },
	}
}

func decode[T any](unmarshal Unmarshal, data []byte) (T, error) {
	var v T
	if err := unmarshal(data, &v); err != nil {
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

// Using decodes with another JSON library: reading the log is where a rebuild
// spends its time.
func (r Registry) Using(unmarshal Unmarshal) Registry {
	using := make(Registry, len(r))
	for name, t := range r {
		t.Decode = func(data []byte) (Event, error) { return t.decode(unmarshal, data) }
		using[name] = t
	}
	return using
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
