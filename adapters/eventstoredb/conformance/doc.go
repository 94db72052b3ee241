// Package conformance says, as tests, what this product relies on an event store to do.
//
// The tests run against a node of their own, or against the server that CRM_TEST_EVENTSTORE names, such as
// esdb://localhost:2113?tls=false. So they take nothing for granted about the log they find: streams have random names,
// positions are compared and never counted, and events of others may come in between.
package conformance
