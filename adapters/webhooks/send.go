package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	sendTimeout = 15 * time.Second
	answerBytes = 64 << 10 // that are read, so that the connection can be used again
)

// sender sends messages in the form of Standard Webhooks.
type sender struct {
	clients map[string]*http.Client // by scheme
	now     func() time.Time
}

// newSender asks names for where hosts are; nil: those of the system.
func newSender(g Guard, names *net.Resolver, now func() time.Time) *sender {
	s := &sender{clients: map[string]*http.Client{}, now: now}
	for _, scheme := range []string{"http", "https"} {
		dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: names, Control: g.control(scheme)}
		s.clients[scheme] = &http.Client{
			Timeout: sendTimeout,
			// What a redirect leads to nobody has subscribed.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:       nil, // it would connect in our place
				DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: sendTimeout,
				MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
			},
		}
	}
	return s
}

// message is what is sent, and how it is signed.
type message struct {
	url     string
	id      string
	secrets []string
	body    []byte
}

// answer is what came of sending.
type answer struct {
	at         time.Time
	took       time.Duration
	status     int    // 0: none
	reason     string // why it counts as not taken; empty: it was taken
	retryAfter time.Duration
}

func (a answer) taken() bool { return a.reason == "" }

// gone tells that the receiver wants nothing any more.
func (a answer) gone() bool { return a.status == http.StatusGone }

// send sends a message once.
func (s *sender) send(ctx context.Context, m message) (a answer) {
	a.at = s.now()
	defer func() { a.took = s.now().Sub(a.at) }()
	request, err := s.request(ctx, m, a.at)
	if err != nil {
		a.reason = err.Error()
		return a
	}
	client, ok := s.clients[request.URL.Scheme]
	if !ok {
		a.reason = "only http and https are sent to"
		return a
	}
	response, err := client.Do(request)
	if err != nil {
		a.reason = reason(err)
		return a
	}
	defer func() { _ = response.Body.Close() }()                           // all that was wanted of it is read
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, answerBytes)) // the status has told all
	a.status = response.StatusCode
	if a.status < 200 || a.status > 299 {
		a.reason = "answered with " + strings.TrimSpace(strconv.Itoa(a.status)+" "+http.StatusText(a.status))
		a.retryAfter = retryAfter(response.Header.Get("Retry-After"), a.at)
	}
	return a
}

func (s *sender) request(ctx context.Context, m message, at time.Time) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(m.body))
	if err != nil {
		return nil, errors.New("the URL cannot be sent to")
	}
	signatures := make([]string, len(m.secrets))
	for i, secret := range m.secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("the secret is not one of Standard Webhooks")
		}
		if signatures[i], err = signer.Sign(m.id, at, m.body); err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Annals")
	request.Header.Set(standardwebhooks.HeaderWebhookID, m.id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

// reason is what went wrong, without the URL, which may hold a secret, and without
// what is known of the network here.
func reason(err error) string {
	for _, refused := range []error{errPrivate, errPlain} {
		if errors.Is(err, refused) {
			return refused.Error()
		}
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "its host was not found"
	}
	if at, ok := errors.AsType[*url.Error](err); ok {
		if at.Timeout() {
			return "no answer in time"
		}
		err = at.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection without an answer"
	}
	if at, ok := errors.AsType[*net.OpError](err); ok { // but for its addresses
		err = at.Err
	}
	return err.Error()
}

// retryAfter reads the header: seconds, or a time.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(time.Duration(seconds)*time.Second, 0)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
