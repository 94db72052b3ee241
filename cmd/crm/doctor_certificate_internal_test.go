package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDoctorReadsCertificates(t *testing.T) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		begins, ends time.Duration
		want         string
	}{
		"valid":   {-day, 90 * day, passed},
		"soon":    {-day, 13 * day, warned},
		"ended":   {-2 * day, -day, failed},
		"not yet": {day, 90 * day, failed},
	} {
		t.Run(name, func(t *testing.T) {
			cert, key := certificateFiles(t, time.Now().Add(tt.begins), time.Now().Add(tt.ends))
			_, stdout, _ := crm(t, "doctor", "--data", filepath.Join(t.TempDir(), "data"), "--tls-cert", cert, "--tls-key", key, "--json")
			_, checks := visited(t, stdout)
			assert.Equal(t, tt.want, checks["certificate"].Status, "%+v", checks["certificate"])
			assert.Equal(t, passed, checks["key "+filepath.Base(key)].Status)
		})
	}
	cert, _ := certificateFiles(t, time.Now(), time.Now().Add(day))
	_, other := certificateFiles(t, time.Now(), time.Now().Add(day))
	_, stdout, _ := crm(t, "doctor", "--data", filepath.Join(t.TempDir(), "data"), "--tls-cert", cert, "--tls-key", other, "--json")
	_, checks := visited(t, stdout)
	assert.Equal(t, failed, checks["certificate"].Status, "they do not belong together")
}

func certificateFiles(t *testing.T, begins, ends time.Time) (cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"crm.example"}, NotBefore: begins, NotAfter: ends}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	require.NoError(t, err)
	private, err := x509.MarshalECPrivateKey(secret)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls-private.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	return cert, key
}
