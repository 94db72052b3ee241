package httpapi

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writePair writes a certificate that signs itself, and its key.
func writePair(t *testing.T, files CertificateFiles, name string, ends time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: ends, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	require.NoError(t, os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

func pairIn(dir string) CertificateFiles {
	return CertificateFiles{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
}

// encrypted serves h with a certificate.
func encrypted(t *testing.T, c *Certificate, h http.Handler) (address string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		ended <- NewServer(h, Limits{}, slog.New(slog.DiscardHandler), time.Second).Serve(ctx, c.Listen(l))
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	return l.Addr().String()
}

// met is what a server showed of itself, and how it answered.
type met struct {
	status  int
	proto   string
	headers http.Header
	tls     *tls.ConnectionState
}

// dial asks once over a new connection.
func dial(t *testing.T, address string, config *tls.Config) (met, error) {
	t.Helper()
	config.InsecureSkipVerify = true
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/healthz", http.NoBody)
	require.NoError(t, err)
	w, err := client.Do(r)
	if err != nil {
		return met{}, err
	}
	require.NoError(t, w.Body.Close())
	return met{w.StatusCode, w.Proto, w.Header, w.TLS}, nil
}

func TestCertificateIsFollowed(t *testing.T) {
	files, ends := pairIn(t.TempDir()), time.Now().Add(time.Hour).Truncate(time.Second)
	writePair(t, files, "one", ends)
	var log bytes.Buffer
	c, err := NewCertificate(files, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	address := encrypted(t, c, start(t, Limits{}))
	shown := func() string {
		w, err := dial(t, address, &tls.Config{})
		require.NoError(t, err)
		assert.Equal(t, "HTTP/2.0", w.proto)
		assert.NotEmpty(t, w.headers.Get("Strict-Transport-Security"))
		return w.tls.PeerCertificates[0].Subject.CommonName
	}
	assert.Equal(t, "one", shown())
	assert.InDelta(t, float64(ends.Unix()), testutil.ToFloat64(c.expires), 0)

	open, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer func() { _ = open.Close() }()

	writePair(t, files, "two", ends.Add(time.Hour))
	c.reload(t.Context(), false)
	assert.Equal(t, "two", shown())
	assert.InDelta(t, float64(ends.Add(time.Hour).Unix()), testutil.ToFloat64(c.expires), 0)
	_, err = io.WriteString(open, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	answer := make([]byte, len("HTTP/1.1 200 OK"))
	_, err = io.ReadFull(open, answer)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 200 OK", string(answer), "an open connection goes on")

	require.NoError(t, os.WriteFile(files.Key, []byte("nonsense"), 0o600))
	c.reload(t.Context(), false)
	c.reload(t.Context(), false)
	assert.Equal(t, "two", shown(), "the one before stays")
	assert.Contains(t, log.String(), "cannot be used")
	assert.InDelta(t, 1, testutil.ToFloat64(c.reloads.WithLabelValues("refused")), 0, "said once")
	assert.InDelta(t, 1, testutil.ToFloat64(c.reloads.WithLabelValues("used")), 0)

	require.NoError(t, os.Remove(files.Cert))
	c.reload(t.Context(), false)
	assert.Equal(t, "two", shown())
	assert.InDelta(t, 2, testutil.ToFloat64(c.reloads.WithLabelValues("refused")), 0)
}

func TestCertificateIsReadWhenTold(t *testing.T) {
	files := pairIn(t.TempDir())
	writePair(t, files, "one", time.Now().Add(time.Hour))
	c, err := NewCertificate(files, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	hup, ended := make(chan os.Signal), make(chan struct{})
	go func() { defer close(ended); c.Follow(ctx, time.Hour, hup) }()
	writePair(t, files, "two", time.Now().Add(time.Hour))
	hup <- os.Interrupt
	hup <- os.Interrupt // taken only after the first was dealt with
	stop()
	<-ended
	assert.Equal(t, "two", c.current.Load().Certificates[0].Leaf.Subject.CommonName)
}

func TestClientsNeedACertificate(t *testing.T) {
	files, theirs := pairIn(t.TempDir()), pairIn(t.TempDir())
	writePair(t, files, "server", time.Now().Add(time.Hour))
	writePair(t, theirs, "client", time.Now().Add(time.Hour))
	files.ClientCA = theirs.Cert
	c, err := NewCertificate(files, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	address := encrypted(t, c, start(t, Limits{}))
	_, err = dial(t, address, &tls.Config{})
	assert.Error(t, err) // that a certificate is required, or that nobody reads on
	pair, err := tls.LoadX509KeyPair(theirs.Cert, theirs.Key)
	require.NoError(t, err)
	w, err := dial(t, address, &tls.Config{Certificates: []tls.Certificate{pair}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, w.status)
	_, err = dial(t, address, &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	assert.ErrorContains(t, err, "protocol version")
}

func TestCertificateThatCannotBeUsed(t *testing.T) {
	files, other := pairIn(t.TempDir()), pairIn(t.TempDir())
	_, err := NewCertificate(files, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	assert.ErrorIs(t, err, os.ErrNotExist)
	writePair(t, files, "one", time.Now().Add(time.Hour))
	writePair(t, other, "two", time.Now().Add(time.Hour))
	_, err = NewCertificate(CertificateFiles{Cert: files.Cert, Key: other.Key}, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	assert.ErrorContains(t, err, "private key does not match")
	files.ClientCA = files.Key
	_, err = NewCertificate(files, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	assert.ErrorContains(t, err, "holds no certificate")
}
