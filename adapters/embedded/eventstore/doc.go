// Package eventstore is an event store for a machine that has none: a durable single node that speaks EventStoreDB's own
// gRPC protocol, in process or alone.
//
// It exists so that the same client code, with the same guarantees, runs on a laptop and against a cluster. What it offers
// is the streams protocol with every option, gossip and server features. Persistent subscriptions and server-side
// projections answer Unimplemented. It has no users and no TLS, so it listens on the loopback interface only, unless told
// otherwise.
//
// What clients can rely on is written down as tests in the conformance package, which runs against a real server too.
package eventstore
