// Package projections declares the read models. One file holds one read model:
// its document, how events change it, what it counts, and its queries.
//
// A read model is a fold: each event changes the document of one subject, and
// everything else (indexes, counts, samples) is a function of documents. The
// engine in this package works out the difference between what a document
// contributed before a page of events and after it. So a page split anywhere,
// a correction, or a fact that arrives late gives the same figures.
package projections

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// Model declares one read model.
type Model struct {
	// Name prefixes every key. Renaming a model orphans its keys and its
	// position: it is then built anew from the start of the log.
	Name string
	// Version is raised whenever document, reactions or facts change. The new
	// version is built beside the served one and takes its place when complete.
	Version int
	// Build tells builds of one version apart, so that it can be built anew
	// beside the one being served. The first is 0.
	Build int

	types  map[string]bool
	folder func(Loader) Folder
	replay func(id string) Replay
	// scratch folds in memory what metrics need; nil if none is about the model.
	scratch func([]Metric) scratch
}

// Loader reads back what a version of a read model holds.
type Loader interface {
	// Documents returns the stored document of each id, nil where there is none.
	Documents(ctx context.Context, ids []string) ([][]byte, error)
	// Parked lists the streams whose events wait behind a failed one.
	Parked(ctx context.Context) ([]string, error)
	// Each yields every stored document, in any order.
	Each(ctx context.Context) iter.Seq2[Stored, error]
}

// Stored is a document as it is stored.
type Stored struct {
	ID   string
	Text []byte
}

// Folder folds pages of events into changes. It remembers documents between
// pages, so it belongs to one goroutine and to one run of commits.
type Folder interface {
	// Fold works out what a page changes. Nothing is changed until the caller
	// commits; if that fails the caller calls Forget.
	Fold(ctx context.Context, page []domain.Recorded) (Changes, error)
	// Forget drops every remembered document.
	Forget()
}

// Folder starts a fold over what loader holds.
func (m Model) Folder(loader Loader) Folder { return m.folder(loader) }

// Types lists the event types the model reacts to.
func (m Model) Types() []string {
	types := make([]string, 0, len(m.types))
	for t := range m.types {
		types = append(types, t)
	}
	return types
}

// Prefix starts every key of this build, within what is kept of its log. The braces make a Redis Cluster keep
// all of them in one slot, so one transaction can hold them.
func (m Model) Prefix() string { return "{" + m.Name + ":v" + m.Label() + "}:" }

// Label names the build within the model: "3", or "3.1" for the second build of
// version 3.
func (m Model) Label() string {
	if m.Build == 0 {
		return strconv.Itoa(m.Version)
	}
	return strconv.Itoa(m.Version) + "." + strconv.Itoa(m.Build)
}

// Labelled is the build of m that a label names; false if it is no label.
func (m Model) Labelled(label string) (Model, bool) {
	version, build, rebuilt := strings.Cut(label, ".")
	var err error
	if m.Version, err = strconv.Atoi(version); err != nil {
		return m, false
	}
	if m.Build = 0; rebuilt {
		if m.Build, err = strconv.Atoi(build); err != nil {
			return m, false
		}
	}
	return m, true
}

// Before tells whether m is an earlier build than other.
func (m Model) Before(other Model) bool {
	return m.Version < other.Version || m.Version == other.Version && m.Build < other.Build
}

// Reaction is what one type of event does to a document; see On and About.
type Reaction[D any] struct {
	eventType string
	own       bool // the event belongs to the subject's own stream
	subject   func(*domain.Recorded) string
	apply     func(*D, *domain.Recorded)
}

// On declares how an event changes the document of the aggregate it belongs to.
func On[D any, E domain.Event](apply func(*D, domain.Recorded, E)) Reaction[D] {
	r := About(func(E) string { return "" }, apply)
	r.own, r.subject = true, func(r *domain.Recorded) string { return r.Subject() }
	return r
}

// About declares how an event changes the document of another subject that it
// names, such as a customer on whom a deal was opened. An empty subject means
// the event concerns none.
func About[D any, E domain.Event](subject func(E) string, apply func(*D, domain.Recorded, E)) Reaction[D] {
	var zero E
	return Reaction[D]{
		eventType: zero.EventType(),
		subject: func(r *domain.Recorded) string {
			return subject(r.Event.(E)) //nolint:errcheck // a mismatch panics, which parks the stream
		},
		apply: func(d *D, r *domain.Recorded) {
			apply(d, *r, r.Event.(E)) //nolint:errcheck // a mismatch panics, which parks the stream
		},
	}
}

// Declare makes a read model of documents D. Facts says what a document
// contributes to indexes, counts and samples; it must depend on nothing else.
func Declare[D any](name string, version int, facts func(*D, *Facts), on ...Reaction[D]) Model {
	m := Model{Name: name, Version: version, types: map[string]bool{}}
	reactions := map[string][]Reaction[D]{}
	for _, r := range on {
		m.types[r.eventType] = true
		reactions[r.eventType] = append(reactions[r.eventType], r)
	}
	m.folder = func(loader Loader) Folder { return newFold(loader, reactions, Declaration[D]{Facts: facts}) }
	fields := fieldsOf[D]()
	m.replay = func(id string) Replay { return newReplay(id, reactions, fields) }
	return m
}
