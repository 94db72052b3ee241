package esdb_test

// This file stands in for the one by which the client's suite starts servers in containers. It connects to servers that
// run already, and offers the names the other files of the suite use.

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

var NAME_GENERATOR names

type names struct{}

func (names) Generate() string { return "suite-" + rand.Text() }

type Container struct{ Endpoint string }

func (*Container) Close() {}

func GetEnvOrDefault(key, defaultValue string) string {
	if value, exists := os.LookupEnv(key); exists {
		return value
	}
	return defaultValue
}

func IsESDBVersion20() bool { return false }

func CreateEmptyDatabase(t *testing.T) (*Container, *esdb.Client) { return database(t, "SUITE_EMPTY") }

func CreatePopulatedDatabase(t *testing.T) (*Container, *esdb.Client) {
	return database(t, "SUITE_POPULATED")
}

func database(t *testing.T, variable string) (*Container, *esdb.Client) {
	endpoint := os.Getenv(variable)
	if endpoint == "" {
		t.Fatalf("%s names no server", variable)
	}
	container := &Container{Endpoint: endpoint}
	client := GetClient(t, container)
	WaitForAdminToBeAvailable(t, client)
	return container, client
}

func GetClient(t *testing.T, container *Container) *esdb.Client {
	return CreateClient("esdb://"+container.Endpoint+"?tls=false", t)
}

func CreateClient(address string, t *testing.T) *esdb.Client {
	config, err := esdb.ParseConnectionString(address)
	if err != nil {
		t.Fatalf("connection string: %v", err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	return client
}

func WaitForAdminToBeAvailable(t *testing.T, db *esdb.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := db.ReadStream(ctx, "$users", esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatalf("read $users: %v", err)
	}
	defer stream.Close()
	if _, err := stream.Recv(); err != nil {
		t.Fatalf("read $users: %v", err)
	}
}
