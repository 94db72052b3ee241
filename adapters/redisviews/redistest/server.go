// Package redistest starts real Redis servers for tests.
package redistest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// Start starts a server without persistence on a unix socket and returns its
// URL. The server ends with the test. Without the binary the test fails: what
// was not run has not passed.
func Start(tb testing.TB) string {
	tb.Helper()
	dir := directory(tb)
	socket := filepath.Join(dir, "s")
	run(tb, "--dir", dir, "--port", "0", "--unixsocket", socket)
	answers(tb, redis.NewClient(&redis.Options{Network: "unix", Addr: socket}))
	return "unix://" + socket
}

// StartCluster starts a node in cluster mode that owns all slots, so commands
// whose keys lie in different slots are refused as in any cluster.
func StartCluster(tb testing.TB) string {
	tb.Helper()
	dir, port := directory(tb), freePort(tb)
	run(tb, "--dir", dir, "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", freePort(tb))
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
	answers(tb, client)
	require.NoError(tb, client.ClusterAddSlotsRange(tb.Context(), 0, 16383).Err())
	require.Eventually(tb, func() bool {
		info, err := client.ClusterInfo(tb.Context()).Result()
		return err == nil && len(info) > 16 && info[:16] == "cluster_state:ok"
	}, 10*time.Second, 10*time.Millisecond, "cluster state")
	return "redis://127.0.0.1:" + port + "?cluster=true"
}

func directory(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "redis") // tb.TempDir is too long for a socket's name
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func freePort(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	require.NoError(tb, err)
	defer listener.Close() //nolint:errcheck // nothing was written
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(tb, err)
	return port
}

func run(tb testing.TB, args ...string) {
	tb.Helper()
	binary, err := exec.LookPath("redis-server")
	require.NoError(tb, err, "install the Debian package redis-server")
	server := exec.Command(binary, append(args, "--save", "", "--appendonly", "no", "--logfile", "log")...) //nolint:noctx // ended by the clean-up
	require.NoError(tb, server.Start())
	tb.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
}

func answers(tb testing.TB, client *redis.Client) {
	tb.Helper()
	tb.Cleanup(func() { _ = client.Close() })
	require.Eventually(tb, func() bool { return client.Ping(tb.Context()).Err() == nil }, 10*time.Second, 5*time.Millisecond, "redis-server does not answer")
}
