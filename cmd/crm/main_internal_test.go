package main

import (
	"context"
	"os"
	"testing"
)

// asProgram makes the test binary behave as crm, so that tests can start it as
// a process of its own and kill it.
const asProgram = "RUN_TEST_BINARY_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
