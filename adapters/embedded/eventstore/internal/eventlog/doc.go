// Package eventlog is the storage of the embedded node: an append-only log of events with one index by stream, kept in
// Pebble.
//
// It owns what makes a log trustworthy and knows nothing of gRPC:
//
//   - every decision about an append is taken by one goroutine, in the order of the log, so an expected revision cannot be
//     raced;
//   - an append is answered after its bytes are synced. While one group of appends is being synced the next is prepared,
//     so the cost of a sync is shared by everyone who waits for it;
//   - readers see only what is synced. A position they were given can never be taken back by a crash.
//
// Each event is stored once, as the bytes that travel to a reader, under its position. Positions rise by the size of what
// was written, as in EventStoreDB, so the last position is also the size of the log.
package eventlog
