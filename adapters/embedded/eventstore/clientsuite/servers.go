package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

// servers are the two the suite wants: one without events, and one with a long stream.
type servers struct{ empty, populated *eventstore.Node }

func startServers(ctx context.Context, work string) (*servers, error) {
	s := &servers{}
	var err error
	if s.empty, err = eventstore.Open(eventstore.Config{Dir: filepath.Join(work, "empty")}); err != nil {
		return nil, err
	}
	if s.populated, err = eventstore.Open(eventstore.Config{Dir: filepath.Join(work, "populated")}); err != nil {
		return nil, err
	}
	return s, populate(ctx, s.populated.ConnectionString())
}

// populate writes the stream whose length, and nothing else, several tests rely on.
func populate(ctx context.Context, address string) (err error) {
	const stream, length = "dataset20M-0", 6_000
	config, err := esdb.ParseConnectionString(address)
	if err != nil {
		return err
	}
	config.Logger = nil
	client, err := esdb.NewClient(config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	events := make([]esdb.EventData, length)
	for i := range events {
		events[i] = esdb.EventData{EventType: "eventType-0", ContentType: esdb.ContentTypeBinary, Data: []byte("data")}
	}
	if _, err := client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, events...); err != nil {
		return fmt.Errorf("populate: %w", err)
	}
	return nil
}

func (s *servers) environment() []string {
	return append(os.Environ(),
		"SUITE_EMPTY="+s.empty.Addr(), "SUITE_POPULATED="+s.populated.Addr(), "EVENTSTORE_INSECURE=true", "CLUSTER=false",
		// The copy has the client's own go.mod, and no workspace around it.
		"GOWORK=off", "GOFLAGS=-mod=mod")
}

func (s *servers) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, node := range []*eventstore.Node{s.empty, s.populated} {
		if err := node.Close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "client suite: close:", err)
		}
	}
}
