package main

import (
	"os"
	"testing"
)

// asProgram makes the test binary behave as crm, so that tests can start it as
// a process of its own and kill it.
const asProgram = "RUN_TEST_BINARY_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // which ends the process
	}
	os.Exit(m.Run())
}
