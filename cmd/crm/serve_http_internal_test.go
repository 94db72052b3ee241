package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestServeChecksHowHTTPIsAnswered(t *testing.T) {
	status, _, stderr := crm(t, "serve", "--data", t.TempDir(), "--commands-per-minute", "-1", "--queries-per-minute", "-1",
		"--cors-origin", "app.example", "--cors-origin", "https://*.example", "--cors-origin", "https://app.example/",
		"--cors-origin", "https://app.example:8443", "--cors-origin", "*", "--tls-client-ca", "ca.pem")
	assert.Equal(t, 2, status)
	for _, wrong := range []string{
		"--commands-per-minute -1: ", "--queries-per-minute -1: ", `--cors-origin "app.example": `, `--cors-origin "https://*.example": `,
		`--cors-origin "https://app.example/": `, "--tls-client-ca needs --tls-cert",
	} {
		assert.Contains(t, stderr, wrong)
	}
	assert.NotContains(t, stderr, "8443")
}
