// Client-suite runs the test suite that the Go client brings along against the embedded event store.
//
// The suite starts its servers in containers, in one file. That file is replaced, by way of an overlay, with one that
// connects to two nodes started here. The module cache is read-only, so the suite runs in a copy that is thrown away.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

const clientModule = "github.com/EventStore/EventStore-Client-Go/v4"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "client suite:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	work, err := os.MkdirTemp("", "client-suite-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	servers, err := startServers(ctx, work)
	if err != nil {
		return err
	}
	defer servers.close()

	suite, err := copySuite(ctx, work)
	if err != nil {
		return err
	}
	overlay, err := writeOverlay(work, suite)
	if err != nil {
		return err
	}
	report, err := test(ctx, suite, overlay, servers, args)
	if err != nil {
		return err
	}
	fmt.Print(report.text())
	return report.verdict()
}

// copySuite puts the client's module where tests may run.
func copySuite(ctx context.Context, work string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", clientModule).Output()
	if err != nil {
		return "", fmt.Errorf("find the client's module: %w", err)
	}
	suite := filepath.Join(work, "suite")
	if err := os.CopyFS(suite, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		return "", fmt.Errorf("copy the client's module: %w", err)
	}
	// Copies from the module cache are read-only too, and could not be removed.
	return suite, filepath.WalkDir(suite, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, 0o755)
	})
}

func writeOverlay(work, suite string) (string, error) {
	replacement, err := filepath.Abs("adapters/embedded/eventstore/clientsuite/testdata/containers_test.go")
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(suite, "esdb", "containers_test.go"): replacement},
	})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(work, "overlay.json")
	return overlay, os.WriteFile(overlay, content, 0o600)
}
