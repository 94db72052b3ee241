package eventstore

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
)

// featuresServer tells clients what they may call. Names are in lower case, as clients compare them.
type featuresServer struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

func (featuresServer) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	const (
		streamsService  = "event_store.client.streams.streams"
		gossipService   = "event_store.client.gossip.gossip"
		featuresService = "event_store.client.server_features.serverfeatures"
		// Listed although every call of it answers Unimplemented: clients fall back to HTTP for a server that does not
		// list it, and would wait for an answer nobody gives.
		persistentService = "event_store.client.persistent_subscriptions.persistentsubscriptions"
	)
	method := func(service, name string, features ...string) *serverfeatures.SupportedMethod {
		return &serverfeatures.SupportedMethod{ServiceName: service, MethodName: name, Features: features}
	}
	return &serverfeatures.SupportedMethods{
		EventStoreServerVersion: Version,
		Methods: []*serverfeatures.SupportedMethod{
			method(streamsService, "read", "position", "events"),
			method(streamsService, "append"),
			method(streamsService, "delete"),
			method(streamsService, "tombstone"),
			method(streamsService, "batchappend", "deadline_duration"),
			method(gossipService, "read"),
			method(featuresService, "getsupportedmethods"),
			method(persistentService, "create", "stream", "all"),
			method(persistentService, "update", "stream", "all"),
			method(persistentService, "delete", "stream", "all"),
			method(persistentService, "read", "stream", "all"),
			method(persistentService, "getinfo", "stream", "all"),
			method(persistentService, "replayparked", "stream", "all"),
			method(persistentService, "list", "stream", "all"),
			method(persistentService, "restartsubsystem"),
		},
	}, nil
}
