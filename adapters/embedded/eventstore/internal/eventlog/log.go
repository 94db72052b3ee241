package eventlog

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options of a log. Dir is needed unless InMemory is set; the rest has defaults.
type Options struct {
	Dir        string
	InMemory   bool // same code, a file system in memory
	Now        func() time.Time
	Logger     *slog.Logger
	CacheBytes int64
}

// Log is safe for concurrent use.
type Log struct {
	db   *pebble.DB
	lock *pebble.Lock
	now  func() time.Time

	requests chan *request
	syncing  chan *group
	closing  chan struct{}
	stopped  chan struct{}
	once     sync.Once

	writer writer
	tail   *tail
	heads  publishedHeads
	counts counters

	failure atomic.Pointer[error] // set once, when storage failed

	use    sync.RWMutex // held by readers, so that storage is not closed under them
	closed bool
}

// Open takes the directory for itself and recovers whatever a crash left: everything that was ever acknowledged, and of
// what was not, a part that ends between two appends.
func Open(o Options) (*Log, error) {
	fs, dir := vfs.Default, o.Dir
	if o.InMemory {
		fs, dir = vfs.NewMem(), "data"
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	lock, err := pebble.LockDirectory(dir, fs)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInUse, dir, err)
	}
	l, err := open(o, fs, dir, lock)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

func open(o Options, fs vfs.FS, dir string, lock *pebble.Lock) (*Log, error) {
	db, err := openStorage(o, fs, dir, lock)
	if err != nil {
		return nil, err
	}
	l := &Log{
		db: db, lock: lock, now: o.Now,
		requests: make(chan *request, groupRequests),
		syncing:  make(chan *group),
		closing:  make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	if l.now == nil {
		l.now = time.Now
	}
	if err := l.recover(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go l.writeGroups()
	go l.syncGroups()
	return l, nil
}

// recover rebuilds what is only in memory from the end of the log.
func (l *Log) recover() error {
	var err error
	if l.heads.cache, err = newHeadCache(); err != nil {
		return err
	}
	if l.writer, err = newWriter(l.db, l.now); err != nil {
		return err
	}
	l.tail = newTail(l.writer.last)
	return nil
}

// Last is the position of the last event that readers can see, 0 in an empty log.
func (l *Log) Last() uint64 {
	end, _ := l.tail.last()
	return end
}

// Changed returns a channel that is closed when the log has grown beyond what Last said before the call.
func (l *Log) Changed() <-chan struct{} {
	_, changed := l.tail.last()
	return changed
}

// Close finishes the appends that were begun, then releases the directory.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.stopped
	l.use.Lock()
	defer l.use.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return errors.Join(l.db.Close(), l.lock.Close())
}
