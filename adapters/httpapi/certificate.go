package httpapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// CertificateFiles name the files, in PEM, that TLS needs. With ClientCA only
// callers with a certificate of one of its authorities are let in.
type CertificateFiles struct {
	Cert, Key string
	ClientCA  string // empty: callers need no certificate
}

// Certificate is what a server shows of itself, and follows its files: new
// connections use what is in them now, those that are open go on.
type Certificate struct {
	files    CertificateFiles
	log      *slog.Logger
	current  atomic.Pointer[tls.Config]
	contents [][]byte // of the files, as last tried; only touched by Follow
	expires  prometheus.Gauge
	reloads  *prometheus.CounterVec
}

// NewCertificate fails if the files do not fit together.
func NewCertificate(files CertificateFiles, registry *prometheus.Registry, logger *slog.Logger) (*Certificate, error) {
	c := &Certificate{
		files: files, log: logger,
		expires: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "annals_tls_certificate_expiry_timestamp_seconds", Help: "When the certificate in use ends to be valid.",
		}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "annals_tls_certificate_reloads_total", Help: "Changed certificate files, by whether they could be used.",
		}, []string{"result"}),
	}
	contents, err := c.read()
	if err != nil {
		return nil, err
	}
	if err := c.use(contents); err != nil {
		return nil, err
	}
	c.contents = contents
	for _, result := range []string{"used", "refused"} {
		c.reloads.WithLabelValues(result)
	}
	registry.MustRegister(c.expires, c.reloads)
	return c, nil
}

// Listen is l with TLS.
func (c *Certificate) Listen(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	})
}

// Follow looks at the files every so often, and at once when told to, until ctx
// ends. Reading them works wherever they are; being told of changes does not on
// network drives and with the links that orchestrators exchange.
func (c *Certificate) Follow(ctx context.Context, every time.Duration, now <-chan os.Signal) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			c.reload(ctx, false)
		case <-now:
			c.reload(ctx, true)
		}
	}
}

// reload uses the files if they have changed, or always if told to. Files that
// cannot be used are said once and change nothing.
func (c *Certificate) reload(ctx context.Context, always bool) {
	contents, err := c.read()
	if !always && same(contents, c.contents) {
		return
	}
	c.contents = contents
	if err == nil {
		err = c.use(contents)
	}
	if err != nil {
		c.reloads.WithLabelValues("refused").Inc()
		c.log.ErrorContext(ctx, "the changed TLS certificate cannot be used; the one before stays", "cert", c.files.Cert, "key", c.files.Key, "error", err)
		return
	}
	c.reloads.WithLabelValues("used").Inc()
	c.log.InfoContext(ctx, "TLS certificate read", "cert", c.files.Cert, "expires", c.expiry())
}

// read reads certificate, key and, if named, the authorities of clients. A file
// that cannot be read counts as empty.
func (c *Certificate) read() (contents [][]byte, err error) {
	names := []string{c.files.Cert, c.files.Key}
	if c.files.ClientCA != "" {
		names = append(names, c.files.ClientCA)
	}
	for _, name := range names {
		content, failed := os.ReadFile(name)
		contents, err = append(contents, content), errors.Join(err, failed)
	}
	return contents, err
}

// use makes new connections use contents.
func (c *Certificate) use(contents [][]byte) error {
	pair, err := tls.X509KeyPair(contents[0], contents[1])
	if err != nil {
		return fmt.Errorf("%s with %s: %w", c.files.Cert, c.files.Key, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, Certificates: []tls.Certificate{pair}}
	if c.files.ClientCA != "" {
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !config.ClientCAs.AppendCertsFromPEM(contents[2]) {
			return fmt.Errorf("%s holds no certificate", c.files.ClientCA)
		}
	}
	c.current.Store(config)
	c.expires.Set(float64(pair.Leaf.NotAfter.Unix()))
	return nil
}

// expiry is when the certificate in use ends to be valid.
func (c *Certificate) expiry() time.Time { return c.current.Load().Certificates[0].Leaf.NotAfter }

func same(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
