package eventlog

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// headCapacity is far above the number of streams one group of appends can touch: a head that was changed and not yet
// stored must never fall out of the writer's cache.
const headCapacity = 1 << 16

type headCache = simplelru.LRU[string, head]

func newHeadCache() (*headCache, error) { return simplelru.NewLRU[string, head](headCapacity, nil) }

func loadHead(db *pebble.DB, stream string) (head, error) {
	value, closer, err := db.Get(headKey(stream))
	if errors.Is(err, pebble.ErrNotFound) {
		return emptyHead(), nil
	}
	if err != nil {
		return head{}, fmt.Errorf("read the head of %q: %w", stream, err)
	}
	h, err := decodeHead(value)
	return h, errors.Join(err, closer.Close())
}

// publishedHeads are the heads as readers may see them.
type publishedHeads struct {
	mu    sync.Mutex
	cache *headCache
}

func (p *publishedHeads) set(changed map[string]head) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for stream, h := range changed {
		p.cache.Add(stream, h)
	}
}

// get loads under the lock: a head that is published meanwhile waits, and then wins.
func (p *publishedHeads) get(db *pebble.DB, stream string) (head, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.cache.Get(stream); ok {
		return h, nil
	}
	h, err := loadHead(db, stream)
	if err == nil && h != emptyHead() {
		p.cache.Add(stream, h)
	}
	return h, err
}
