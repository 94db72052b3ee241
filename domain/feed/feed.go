// Package feed says what of the log is handed on to other programs: which
// events are part of the change feed, in which form, and which of them a reader
// asked for. It owns the form; reading the log and sending are done elsewhere.
package feed

import (
	"context"
	"slices"
	"strings"
)

// Published lists the categories of wire types that are part of the feed: facts
// of the business, its organisation, and the rules they were decided under.
func Published() []string { return []string{"customer", "deal", "organisation", "policy", "ticket"} }

// Internal lists the categories that never are: hashes of tokens, reserved
// names, counters, secrets of webhooks, who was shown what, when tokens were used, and what people do about the program
// itself.
func Internal() []string {
	return []string{"access", "analysis", "disclosure", "incarnation", "number_range", "read_model", "reservation", "token_use", "webhook"}
}

// Reader is who a fact is sent to.
type Reader struct {
	ID    string
	Roles []string
}

// Sight decides what a reader gets to see of a fact: all of it, less of it, or
// nothing (false). Every fact passes through it exactly once before it is sent.
type Sight func(ctx context.Context, reader Reader, f Fact) (Fact, bool, error)

// Everything is the sight of those who may read all facts whole.
func Everything(_ context.Context, _ Reader, f Fact) (Fact, bool, error) { return f, true, nil }

// categoryOf is the first part of a wire type.
func categoryOf(wireType string) string {
	category, _, _ := strings.Cut(wireType, ".")
	return category
}

// published tells whether events of a wire type are part of the feed.
func published(wireType string) bool { return slices.Contains(Published(), categoryOf(wireType)) }
