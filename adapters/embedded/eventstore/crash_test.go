package eventstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

const (
	childVariable = "EVENTSTORE_CRASH_DIR"
	crashWriters  = 8
)

// TestCrashChild is the process that is killed. It does nothing when it is run as a test.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(childVariable)
	if dir == "" {
		t.Skip("runs only as the child of TestKilledNodeKeepsWhatItAcknowledged")
	}
	node, err := eventstore.Open(eventstore.Config{Dir: dir})
	require.NoError(t, err)
	fmt.Println("address", node.Addr())
	select {} // until it is killed
}

func TestKilledNodeKeepsWhatItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	child.Env = append(os.Environ(), childVariable+"="+dir)
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())

	acknowledged := appendUntilKilled(t, childAddress(t, bufio.NewScanner(output)), child)
	require.Error(t, child.Wait(), "it was killed")

	node := open(t, eventstore.Config{Dir: dir})
	client := connect(t, node.ConnectionString())
	total := 0
	for stream, ids := range acknowledged {
		found := read(t, client, stream)
		// At most the one append that was under way may be there without having been acknowledged.
		require.GreaterOrEqual(t, len(found), len(ids), stream)
		require.LessOrEqual(t, len(found), len(ids)+1, stream)
		for i, id := range ids {
			require.Equal(t, id, found[i].Event.EventID)
			require.EqualValues(t, i, found[i].Event.EventNumber)
		}
		total += len(ids)
		result, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(uint64(len(found) - 1))}, event())
		require.NoError(t, err)
		assert.EqualValues(t, len(found), result.NextExpectedVersion)
	}
	t.Logf("%d acknowledged appends were all there", total)
}

func childAddress(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "address "); ok {
			return address
		}
	}
	require.Fail(t, "the child said no address", "%v", lines.Err())
	return ""
}

// appendUntilKilled kills the child in the middle of the load and returns what was acknowledged.
func appendUntilKilled(t *testing.T, address string, child *exec.Cmd) map[string][]uuid.UUID {
	t.Helper()
	const enough = 100
	type stream struct {
		name string
		ids  []uuid.UUID
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := connect(t, "esdb://"+address+"?tls=false&maxDiscoverAttempts=2&discoveryInterval=10")
	streams, progress := make(chan stream, crashWriters), make(chan struct{}, 1<<20)
	for w := range crashWriters {
		go func() {
			s := stream{name: "crash-" + strconv.Itoa(w)}
			defer func() { streams <- s }()
			for {
				e := event()
				if _, err := client.AppendToStream(ctx, s.name, esdb.AppendToStreamOptions{}, e); err != nil {
					return
				}
				s.ids = append(s.ids, e.EventID)
				progress <- struct{}{}
			}
		}()
	}
	for range crashWriters * enough {
		select {
		case <-progress:
		case <-ctx.Done():
			require.NoError(t, ctx.Err(), "the child did not take appends")
		}
	}
	require.NoError(t, child.Process.Kill())
	cancel() // the client can hang on a server that is gone
	acknowledged := map[string][]uuid.UUID{}
	for range crashWriters {
		s := <-streams
		acknowledged[s.name] = s.ids
	}
	return acknowledged
}

// The end of the journal is what a crash of the machine can damage.
func TestTornJournalRecoversToAPrefix(t *testing.T) {
	dir := t.TempDir()
	node := open(t, eventstore.Config{Dir: dir})
	client := connect(t, node.ConnectionString())
	const appends = 200
	for range appends {
		_, err := client.AppendToStream(t.Context(), "torn", esdb.AppendToStreamOptions{}, event(), event())
		require.NoError(t, err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"cut by a byte":      func(b []byte) []byte { return b[:len(b)-1] },
		"cut by a block":     func(b []byte) []byte { return b[:len(b)-700] },
		"cut to a third":     func(b []byte) []byte { return b[:len(b)/3] },
		"last bytes wrong":   func(b []byte) []byte { return append(b[:len(b)-20:len(b)-20], make([]byte, 20)...) },
		"garbage at the end": func(b []byte) []byte { return append(b, "garbage that was never written as a record"...) },
	} {
		t.Run(name, func(t *testing.T) {
			copied := copyDamaged(t, dir, damage)
			recovered := open(t, eventstore.Config{Dir: copied})
			client := connect(t, recovered.ConnectionString())
			found := read(t, client, "torn")
			require.Zero(t, len(found)%2, "an append is there as a whole or not at all")
			require.NotEmpty(t, found)
			for i, e := range found {
				require.EqualValues(t, i, e.Event.EventNumber)
			}
			result, err := client.AppendToStream(t.Context(), "torn", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(uint64(len(found) - 1))}, event())
			require.NoError(t, err)
			assert.Greater(t, result.CommitPosition, found[len(found)-1].Event.Position.Commit)
			stop(t, recovered)
			again := open(t, eventstore.Config{Dir: copied})
			assert.Len(t, read(t, connect(t, again.ConnectionString()), "torn"), len(found)+1)
		})
	}
}

// copyDamaged copies a running node's directory, as it would be found after a crash, and damages its newest journal.
func copyDamaged(t *testing.T, dir string, damage func([]byte) []byte) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
	journals, err := filepath.Glob(filepath.Join(copied, "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, journals)
	newest := journals[len(journals)-1]
	content, err := os.ReadFile(newest)
	require.NoError(t, err)
	written := len(strings.TrimRight(string(content), "\x00")) // the file is allocated ahead
	require.NoError(t, os.WriteFile(newest, damage(content[:written]), 0o600))
	return copied
}
