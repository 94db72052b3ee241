package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is one to an operation, right or almost right.
type Request struct {
	Method, Target string // Target is a path with its query string, escaped
	Header         http.Header
	Body           string
}

// Known are ids that records have, by kind: "deal" of deal_id and of /deals/{id}.
type Known map[string][]string

// Maker makes requests, the same ones for the same seed.
type Maker struct {
	document *Document
	random   *rand.Rand
	known    Known
	faults   int  // how many things are wrong with a request, at most
	lean     bool // only what must be there
}

// Maker makes requests with up to so many faults; none is the example.
func (d *Document) Maker(seed uint64, faults int, known Known) *Maker {
	return &Maker{document: d, random: rand.New(rand.NewPCG(seed, 0)), known: known, faults: faults}
}

// Lean is the example request to op without anything that can be left out.
func (d *Document) Lean(op *Operation) Request {
	m := d.Maker(0, 0, nil)
	m.lean = true
	return m.Request(op)
}

// Request is a request to op.
func (m *Maker) Request(op *Operation) Request {
	r := Request{Method: op.Method, Header: http.Header{}}
	path, query := op.Path, url.Values{}
	for _, p := range op.Parameters {
		if !p.Required && !m.perhaps(4) {
			continue
		}
		value := text(m.parameter(op, p))
		switch p.In {
		case "path":
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(value), 1)
		case "query":
			query.Set(p.Name, value)
			if m.fault(40) {
				query.Add(p.Name, value)
			}
		case "header":
			r.Header.Set(p.Name, headerText(value))
		}
	}
	if m.fault(20) {
		query.Set(m.one("unknown", "limit ", "", "min_position", "cursor"), text(m.strange()))
	}
	r.Target = path
	if len(query) > 0 {
		r.Target += "?" + query.Encode()
	}
	if m.fault(40) {
		r.Target += m.one("?%zz", "&a;b", "/", "%00", "%ff")
	}
	if op.Body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Body = m.body(op.Body)
	}
	if m.fault(30) {
		r.Header.Set(m.one("Content-Type", "Accept", "Content-Encoding", "If-None-Match", "Accept-Language"), headerText(text(m.strange())))
	}
	return r
}

// parameter is the example, a known id, or something wrong.
func (m *Maker) parameter(op *Operation, p Parameter) any {
	if m.fault(5) {
		return m.wrong(p.Schema, p.Example)
	}
	if p.In == "path" && p.Name == "id" {
		before, _, _ := strings.Cut(op.Path, "/{id}")
		kind := before[strings.LastIndex(before, "/")+1:]
		if id, ok := m.knownID(strings.TrimSuffix(kind, "s")); ok {
			return id
		}
	}
	if id, ok := m.knownID(strings.TrimSuffix(p.Name, "_id")); ok && strings.HasSuffix(p.Name, "_id") {
		return id
	}
	return p.Example
}

func (m *Maker) knownID(kind string) (string, bool) {
	ids := m.known[kind]
	if len(ids) == 0 || m.random.IntN(8) == 0 {
		return "", false
	}
	return ids[m.random.IntN(len(ids))], true
}

func (m *Maker) body(content *Content) string {
	value := m.value(content.Schema, content.Example, 0)
	encoded, err := json.Marshal(value)
	if err != nil { // of values made of JSON
		panic(err)
	}
	if !m.fault(10) {
		return string(encoded)
	}
	return m.mangled(string(encoded))
}

// value is an example with known ids, and with faults at random places.
func (m *Maker) value(schema map[string]any, example any, depth int) any {
	schema = m.document.Resolved(schema)
	if m.fault(12 + 4*depth) {
		return m.wrong(schema, example)
	}
	switch example := example.(type) {
	case map[string]any:
		made := make(map[string]any, len(example))
		for _, name := range sorted(example) {
			if m.fault(20) || m.lean && !slices.Contains(texts(schema["required"]), name) {
				continue
			}
			if id, ok := m.knownID(strings.TrimSuffix(name, "_id")); ok && strings.HasSuffix(name, "_id") {
				made[name] = id
				continue
			}
			if name == "occurred_at" && m.perhaps(2) {
				continue // mostly before the record was there
			}
			made[name] = m.value(object(object(schema["properties"])[name]), example[name], depth+1)
		}
		for _, name := range sorted(object(schema["properties"])) {
			if _, there := example[name]; !there && m.fault(15) {
				made[name] = m.wrong(m.document.Resolved(object(object(schema["properties"])[name])), nil)
			}
		}
		if m.fault(20) {
			made["unknown"] = m.strange()
		}
		return made
	case []any:
		made := make([]any, len(example))
		for i, item := range example {
			made[i] = m.value(object(schema["items"]), item, depth+1)
		}
		if len(made) > 0 && m.fault(15) {
			made = append(made, made...)
		}
		return made
	}
	return example
}

// perhaps is true one time in n.
func (m *Maker) perhaps(n int) bool { return m.faults > 0 && m.random.IntN(n) == 0 }

// fault is true one time in n, as long as there are faults to make.
func (m *Maker) fault(n int) bool {
	if m.faults == 0 || m.random.IntN(n) != 0 {
		return false
	}
	m.faults--
	return true
}

func (m *Maker) one(of ...string) string { return of[m.random.IntN(len(of))] }

// text is a value as a parameter has it.
func text(v any) string {
	if raw, ok := v.(json.RawMessage); ok {
		return string(bytes.Trim(raw, `"`))
	}
	return fmt.Sprint(v)
}

// headerText leaves out what no client can send in a header.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
