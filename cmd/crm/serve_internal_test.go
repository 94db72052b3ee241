package main

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crm runs the program in this process.
func crm(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestServeSaysWhatIsTaken(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	status, _, stderr := crm(t, "serve", "--listen", taken.Addr().String(), "--data", t.TempDir())
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "address already in use")

	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	defer server.stop()
	status, _, stderr = crm(t, "serve", "--listen", "127.0.0.1:0", "--data", data)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "in use by another node")
}
