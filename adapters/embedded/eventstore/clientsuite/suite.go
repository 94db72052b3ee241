package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// leftOut are the tests that cannot run here, and why. Everything else must pass.
func leftOut() []exclusion {
	const (
		vendorData = "compares with the vendor's data set, event by event"
		notOffered = "the embedded node has no persistent subscriptions"
	)
	return []exclusion{
		{"TestStreams/ReadStreamTests/readStreamEventsForwardsFromZeroPosition", vendorData},
		{"TestStreams/ReadStreamTests/readStreamEventsBackwardsFromEndPosition", vendorData},
		{"TestStreams/SubscriptionTests/allSubscriptionWithFilterDeliversCorrectEvents", vendorData},
		{"TestStreams/AuthenticationTests/callInsecureWithoutCredentials", notOffered},
		{"TestStreams/AuthenticationTests/callInsecureWithInvalidCredentials", notOffered},
		{"TestExpectations/ReadAllTests/readAllEventsForwardsFromZeroPosition", vendorData},
		{"TestExpectations/ReadAllTests/readAllEventsForwardsFromNonZeroPosition", vendorData},
		{"TestExpectations/ReadAllTests/readAllEventsBackwardsFromZeroPosition", vendorData},
		{"TestExpectations/ReadAllTests/readAllEventsBackwardsFromNonZeroPosition", vendorData},
		{"TestPersistentSubscriptions", notOffered},
		{"TestProjections", "the embedded node has no server-side projections"},
		{"TestPlugins", "needs TLS with client certificates"},
	}
}

type exclusion struct{ test, reason string }

func skipPattern() string {
	var patterns []string
	for _, e := range leftOut() {
		parts := strings.Split(e.test, "/")
		for i, part := range parts {
			parts[i] = "^" + part
		}
		patterns = append(patterns, strings.Join(parts, "/"))
	}
	return strings.Join(patterns, "|")
}

// test runs the suite and reads its results as they come.
func test(ctx context.Context, suite, overlay string, s *servers, args []string) (*report, error) {
	arguments := append([]string{"test", "-json", "-count=1", "-overlay", overlay, "-skip", skipPattern()}, args...)
	command := exec.CommandContext(ctx, "go", append(arguments, "./esdb")...)
	command.Dir, command.Env, command.Stderr = suite, s.environment(), os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	r, err := newReport(output)
	if err != nil {
		return nil, errors.Join(err, command.Wait())
	}
	var failed *exec.ExitError
	if err := command.Wait(); err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	r.broken = failed != nil
	return r, nil
}

// report keeps the outcome of every test that has no parts.
type report struct {
	passed, skipped, failed []string
	output                  map[string]*bytes.Buffer
	broken                  bool
}

type testEvent struct{ Action, Test, Output string }

func newReport(results io.Reader) (*report, error) {
	r := &report{output: map[string]*bytes.Buffer{}}
	outcome, order := map[string]string{}, []string{}
	lines := bufio.NewScanner(results)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e testEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%w: %s", err, lines.Text())
		}
		switch e.Action {
		case "output":
			if r.output[e.Test] == nil {
				r.output[e.Test] = &bytes.Buffer{}
			}
			r.output[e.Test].WriteString(e.Output)
		case "run":
			order = append(order, e.Test)
		case "pass", "fail", "skip":
			outcome[e.Test] = e.Action
		}
	}
	for _, name := range order {
		if hasParts(name, order) && outcome[name] != "fail" {
			continue
		}
		switch outcome[name] {
		case "pass":
			r.passed = append(r.passed, name)
		case "skip":
			r.skipped = append(r.skipped, name)
		default:
			r.failed = append(r.failed, name)
		}
	}
	return r, lines.Err()
}

func hasParts(name string, all []string) bool {
	for _, other := range all {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	for _, e := range leftOut() {
		if strings.HasPrefix(e.test, name+"/") {
			return true
		}
	}
	return false
}

func (r *report) text() string {
	var w strings.Builder
	for _, name := range r.passed {
		fmt.Fprintln(&w, "passed    ", name)
	}
	for _, name := range r.skipped {
		fmt.Fprintln(&w, "left out  ", name, "- the suite itself leaves it out without TLS")
	}
	for _, e := range leftOut() {
		fmt.Fprintln(&w, "left out  ", e.test, "-", e.reason)
	}
	for _, name := range r.failed {
		fmt.Fprintln(&w, "FAILED    ", name)
		if out := r.output[name]; out != nil {
			fmt.Fprintln(&w, out)
		}
	}
	if r.broken && len(r.failed) == 0 && r.output[""] != nil {
		fmt.Fprintln(&w, r.output[""])
	}
	fmt.Fprintf(&w, "%d passed, %d left out, %d failed\n", len(r.passed), len(r.skipped)+len(leftOut()), len(r.failed))
	return w.String()
}

func (r *report) verdict() error {
	if r.broken || len(r.failed) > 0 || len(r.passed) == 0 {
		return errors.New("the suite did not pass")
	}
	return nil
}
