package projector_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/projections/projectionstest"
)

// notes keeps what is logged.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p) //nolint:wrapcheck // it cannot fail
}

func (n *notes) lines() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Split(strings.TrimSpace(n.text.String()), "\n")
}

// Whoever starts it learns what is served, and nothing that is no news.
func TestCleanStartIsQuiet(t *testing.T) {
	for range 20 {
		events := projectionstest.Busy(10, 3)
		store, told := projectionstest.NewMemory(), &notes{}
		c := config(t, newLog(20, events...), store)
		c.Logger = slog.New(slog.NewTextHandler(told, nil))
		_, stop := start(t, c)
		reaches(t, store, last(events), samples()...)
		stop()
		for _, line := range told.lines() {
			assert.Contains(t, line, "read model is served")
		}
	}
}
