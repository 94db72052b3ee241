package main

import (
	"context"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/domain"
)

// A page of the feed is small: many readers may each hold a few of them.
const (
	feedPageEvents = 100
	feedPageBytes  = 256 << 10
)

// feedLog is the log as the change feed reads it.
type feedLog struct{ *eventstoredb.Client }

// Facts leaves out all types but those with one of the prefixes.
func (l feedLog) Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page {
	return l.Pages(ctx, eventstoredb.PagesConfig{From: after, Prefixes: prefixes, Stored: true, Size: feedPageEvents, Bytes: feedPageBytes})
}
