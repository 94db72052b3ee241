package eventstoredb_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

// proxy stands between client and server and can misbehave.
type proxy struct {
	net.Listener
	target string
	mute   atomic.Bool // hold answers of connections back, for good

	mu    sync.Mutex
	conns []net.Conn
}

func newProxy(t *testing.T, node *eventstore.Node) *proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: listener, target: node.Addr()}
	go p.serve()
	t.Cleanup(func() { _ = listener.Close(); p.cut() })
	return p
}

func (p *proxy) connectionString() string { return "esdb://" + p.Addr().String() + "?tls=false" }

func (p *proxy) serve() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		go func() { p.answer(client, server); _ = client.Close() }()
	}
}

func (p *proxy) answer(client, server net.Conn) {
	buffer, muted := make([]byte, 64<<10), false
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if muted = muted || p.mute.Load(); muted {
			continue
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func TestLostAnswerDoublesNothing(t *testing.T) {
	node := start(t, eventstore.Config{InMemory: true})
	p := newProxy(t, node)
	client := connect(t, p.connectionString(), 5*time.Second)
	witness := connect(t, node.ConnectionString(), 5*time.Second)
	for round := range 5 {
		stream := commandstest.NewStream()
		_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 1))
		require.NoError(t, err)

		p.mute.Store(true)
		type answer struct {
			commands.Appended
			error
		}
		answers, facts := make(chan answer, 1), commandstest.Facts(1, 3)
		go func() {
			done, err := client.Append(t.Context(), stream, 0, facts)
			answers <- answer{done, err}
		}()
		var stored []domain.Recorded
		for r, err := range witness.Follow(soon(t), stream, 1) { // until the server has committed
			require.NoError(t, err)
			if stored = append(stored, r); len(stored) == len(facts) {
				break
			}
		}
		require.Len(t, stored, len(facts))
		p.mute.Store(false)
		if round%2 == 0 {
			_, err = witness.Append(t.Context(), stream, 3, commandstest.Facts(4, 1)) // a rival comes after it
			require.NoError(t, err)
		}
		p.cut()

		got := <-answers
		require.NoError(t, got.error)
		assert.EqualValues(t, 3, got.Revision)
		assert.Equal(t, stored[2].Position, got.Position)
		var ids []string
		for r, err := range client.Read(t.Context(), stream, 1) {
			require.NoError(t, err)
			ids = append(ids, r.ID)
		}
		for i, f := range facts {
			assert.Equal(t, f.ID, ids[i])
		}
		assert.Len(t, ids, 3+1-round%2)
	}
}

func TestSilentServerIsGivenUp(t *testing.T) {
	const deadline = 300 * time.Millisecond
	node := start(t, eventstore.Config{InMemory: true})
	p := newProxy(t, node)
	client := connect(t, p.connectionString(), deadline)
	stream := commandstest.NewStream()
	_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 1))
	require.NoError(t, err)
	pages := client.Pages(t.Context(), pagesFrom(domain.StartOfLog))
	until(t, pages, func(page domain.Page) bool { return page.CaughtUp })

	p.mute.Store(true) // what is connected now stays silent; what connects later is well
	facts := commandstest.Facts(1, 1)
	began := time.Now()
	_, err = client.Append(t.Context(), stream, 0, facts)
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.Less(t, time.Since(began), deadline+slack)
	p.mute.Store(false)

	_, err = client.Append(t.Context(), stream, 0, facts)
	require.NoError(t, err)
	until(t, pages, func(page domain.Page) bool {
		return len(page.Events) > 0 && page.Events[len(page.Events)-1].ID == facts[0].ID
	})
}

func TestEventTooLarge(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	facts := commandstest.Facts(0, 1)
	facts[0].Event = commandstest.Happened{Text: strings.Repeat("x", 17<<20)}
	_, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, facts)
	refused, ok := errors.AsType[*domain.Error](err)
	require.True(t, ok)
	assert.Equal(t, domain.Invalid, refused.Kind)
	assert.Equal(t, "event_too_large", refused.Code)
}
