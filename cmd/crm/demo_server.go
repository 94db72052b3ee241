package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// childStart is how long a server may take to answer.
const childStart = time.Minute

// childServer is a server of our own in another process, on a port that was
// free and with data that nothing else uses.
type childServer struct {
	program string
	url     string
	token   string
	process *exec.Cmd
	ended   chan struct{}
}

// startServer starts crm serve on data, which must be new: only the first start
// prints a token.
func startServer(ctx context.Context, data string, stderr io.Writer) (*childServer, error) {
	return restartServer(ctx, data, "", stderr)
}

// restartServer starts crm serve on data that a server had before, of which an
// admin's token is known; args are further flags.
func restartServer(ctx context.Context, data, token string, stderr io.Writer, args ...string) (*childServer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &childServer{program: program, token: token, ended: make(chan struct{})}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--log-format", "json"}, args...)
	// Ended by stop, not by ctx: what was begun may still want to be finished.
	s.process = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	s.process.Env = withoutSettings()
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	logs, err := s.process.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	first, url := make(chan string, 1), make(chan string, 1)
	go scan(stdout, func(line string) {
		if secret, ok := strings.CutPrefix(line, "admin token: "); ok {
			first <- secret
		}
	})
	go func() {
		scan(logs, func(line string) { answering(line, url, stderr) })
		_ = s.process.Wait() // after all output was read, as Wait closes the pipes
		close(s.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, childStart)
	defer cancel()
	for s.token == "" || s.url == "" {
		select {
		case s.token = <-first:
		case s.url = <-url:
		case <-s.ended:
			return nil, errors.New("the server ended before it answered")
		case <-ctx.Done():
			s.stop()
			return nil, fmt.Errorf("the server did not answer: %w", ctx.Err())
		}
	}
	return s, nil
}

// answering finds the address in the server's log, and passes errors on.
func answering(line string, url chan<- string, stderr io.Writer) {
	var entry struct{ Level, Msg, URL string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level == "ERROR" {
		_, _ = fmt.Fprintln(stderr, "server:", line)
	}
	if entry.URL != "" && entry.Msg == "answering" {
		url <- entry.URL
	}
}

func scan(r io.Reader, line func(string)) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line(lines.Text())
	}
	_, _ = io.Copy(io.Discard, r) // a line too long must not block the process that writes it
}

// stop ends the server as Ctrl-C would, and waits until it has.
func (s *childServer) stop() {
	if s.process.Process.Signal(os.Interrupt) != nil { // not every system can
		_ = s.process.Process.Kill()
	}
	select {
	case <-s.ended:
	case <-time.After(childStart):
		_ = s.process.Process.Kill()
		<-s.ended
	}
}

// kill ends the server as a power cut would, and waits until it has.
func (s *childServer) kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// command is a run of this program against the server.
func (s *childServer) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, append(args, "--server", s.url)...)
	cmd.Env = append(withoutSettings(), "CRM_TOKEN="+s.token)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// withoutSettings is the environment without the caller's own settings, which
// are meant for another server.
func withoutSettings() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "CRM_") {
			kept = append(kept, variable)
		}
	}
	return kept
}
