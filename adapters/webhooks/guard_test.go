package webhooks_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/domain/webhook"
)

func TestPublicAddresses(t *testing.T) {
	for _, public := range []string{"93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"} {
		assert.True(t, webhooks.Public(netip.MustParseAddr(public)), public)
	}
	for _, private := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "168.63.129.16",
		"::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1", "fec0::1", "::ffff:0:127.0.0.1", "4000::1",
	} {
		assert.False(t, webhooks.Public(netip.MustParseAddr(private)), private)
	}
}

func TestAddressesThatMayBeGiven(t *testing.T) {
	office := webhooks.Guard{Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, good := range []string{
		"https://hooks.example.com/annals?team=a", "https://hooks.example.com:8443", "https://93.184.215.14/", "https://93.184.215.14:443/",
		"https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/", "HTTPS://Hooks.Example.com", "https://bücher.example/annals", "https://例子.测试/", "https://xn--bcher-kva.example/",
		"https://my_hooks.example.com/", "https://3.example.com/", "https://hooks.example.com:65535/?a=%20b",
	} {
		require.NoError(t, webhooks.Guard{}.Check(good), good)
	}
	for _, private := range []string{"https://10.1.2.3/hook", "http://10.1.2.3/hook", "http://hooks.corp/annals", "http://my_hooks:8080/"} {
		require.NoError(t, office.Check(private), private)
		require.ErrorIs(t, webhooks.Guard{}.Check(private), webhook.ErrAddress, private)
	}
	for _, bad := range []string{
		"http://hooks.example.com", "ftp://hooks.example.com", "hooks.example.com", "https://", "https:///path", "://", "https://ann:pw@hooks.example.com", "https://hooks.example.com/#x",
		"https://127.0.0.1", "https://[::1]/", "https://169.254.169.254/latest/meta-data", "https://[fe80::1%25eth0]/", "file:///etc/passwd", "", "https://hooks.example.com:99999/", "https://hooks.example.com:0/", "//hooks.example.com/",
		"https://*/", "https://*.example.com/", "https://a b/", "https://hooks.example.com/a b", " https://hooks.example.com/", "https://hooks.example.com/\u00a0", "https://hooks.example.com:65536/", "https://hooks.example.com:/",
		"https://hooks.example.com:-1/", "https://hooks.example.com./", "https://hooks..example.com/", "https://.example.com/", "https://-hooks.example.com/", "https://hooks-.example.com/", "https://hooks!.example.com/",
		"https://hooks/", "https://localhost/", "https:hooks.example.com", "https://@hooks.example.com/", "https://ann@hooks.example.com/", "https://hooks.example.com/#", "https://2130706433/", "https://127.1/", "https://0x7f.0x1/",
		"https://1.2.3.4.5/", "https://a.09/", "https://１２７.１/", "https://999.1.1.1/", "https://bücher .example/", "https://bü_cher.example/", "https://ex\u00adample.\u202ecom/", "https://" + strings.Repeat("a", 64) + ".example/", "https://" + strings.Repeat("a.", 127) + "example/",
		"https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c%25eth0]/",
	} {
		require.ErrorIs(t, webhooks.Guard{}.Check(bad), webhook.ErrAddress, bad)
	}
	require.ErrorIs(t, office.Check("https://192.168.1.1"), webhook.ErrAddress, "only what was named")
}

func TestPausesGrow(t *testing.T) {
	within := func(want, got time.Duration) {
		t.Helper()
		assert.InDelta(t, want.Seconds(), got.Seconds(), 0.2*want.Seconds())
	}
	for attempts, want := range map[int]time.Duration{1: 5 * time.Second, 2: 15 * time.Second, 4: 135 * time.Second, 7: time.Hour, 1000: time.Hour} {
		for range 100 {
			within(want, webhooks.Pause(attempts, 0))
		}
	}
	assert.Equal(t, 5*time.Hour, webhooks.Pause(1, 5*time.Hour), "the receiver knows better")
	within(time.Hour, webhooks.Pause(9, time.Minute))
	assert.Equal(t, 24*time.Hour, webhooks.Pause(1, 1000*time.Hour), "but may not ask for ever")
}

func TestKey(t *testing.T) {
	key, err := webhooks.NewKey(make([]byte, webhooks.KeyBytes))
	require.NoError(t, err)
	sealed, err := key.Secret("w")
	require.NoError(t, err)
	secret, err := key.Open("w", sealed)
	require.NoError(t, err)
	assert.Regexp(t, `^whsec_[A-Za-z0-9+/]{43}=$`, secret)
	again, err := key.Secret("w")
	require.NoError(t, err)
	assert.NotEqual(t, sealed, again)

	other, err := webhooks.NewKey([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	const elsewhere = "sealed with another key"
	_, err = other.Open("w", sealed)
	require.ErrorContains(t, err, elsewhere)
	for _, broken := range []string{"", "plain", "aes256gcm:", "aes256gcm:!", sealed[:len(sealed)-2], sealed[:20] + "A" + sealed[21:]} {
		_, err = key.Open("w", broken)
		require.ErrorContains(t, err, elsewhere, broken)
	}
	_, err = key.Open("another webhook", sealed)
	require.ErrorContains(t, err, elsewhere, "it is tied to its webhook")
	_, err = webhooks.NewKey([]byte("short"))
	require.Error(t, err)
}
