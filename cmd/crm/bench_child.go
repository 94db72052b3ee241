package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// benchChild is this program in another process, answering on a free port.
type benchChild struct {
	address string // host:port, or a URL
	token   string // the first server on a log prints one
	pid     int
}

func (c *benchChild) host() string {
	if u, err := url.Parse(c.address); err == nil && u.Host != "" {
		return u.Host
	}
	return c.address
}

// startChild runs this program with args until s is closed. It returns when the
// child has logged where it answers.
func startChild(ctx context.Context, s *stack, stderr io.Writer, args ...string) (*benchChild, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Ended by s, not by ctx: what was begun may still want to be finished.
	process := exec.CommandContext(context.WithoutCancel(ctx), program, append(args, "--log-format", "json")...)
	process.Env = withoutSettings()
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	logs, err := process.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	token, address, ended := make(chan string, 1), make(chan string, 1), make(chan struct{})
	go scan(stdout, func(line string) {
		if secret, ok := strings.CutPrefix(line, "admin token: "); ok {
			token <- secret
		}
	})
	go func() {
		scan(logs, func(line string) { childSays(line, address, stderr, args[0]) })
		_ = process.Wait() // after all output was read, as Wait closes the pipes
		close(ended)
	}()
	s.push(func() error { return endProcess(process, ended) })
	ctx, cancel := context.WithTimeout(ctx, childStart)
	defer cancel()
	c := &benchChild{pid: process.Process.Pid}
	select {
	case c.address = <-address:
	case <-ended:
		return nil, fmt.Errorf("crm %s ended before it answered", args[0])
	case <-ctx.Done():
		return nil, fmt.Errorf("crm %s did not answer: %w", args[0], ctx.Err())
	}
	select { // printed before the address is logged, but through another pipe
	case c.token = <-token:
	case <-time.After(200 * time.Millisecond):
	}
	return c, nil
}

// childSays finds the address in a log, and passes errors on.
func childSays(line string, address chan<- string, stderr io.Writer, name string) {
	var entry struct{ Level, Msg, URL, Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level == "ERROR" {
		_, _ = fmt.Fprintf(stderr, "%s: %s\n", name, line)
	}
	at := entry.URL
	if entry.Msg == "event store is serving" {
		at = entry.Address
	}
	if at != "" {
		select {
		case address <- at:
		default:
		}
	}
}

// endProcess ends a process as Ctrl-C would, and waits until it has.
func endProcess(process *exec.Cmd, ended <-chan struct{}) error {
	_ = process.Process.Signal(os.Interrupt)
	select {
	case <-ended:
		return nil
	case <-time.After(childStart):
		_ = process.Process.Kill()
		<-ended
		return errors.New(process.Path + " had to be killed")
	}
}
