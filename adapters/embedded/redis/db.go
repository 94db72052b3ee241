package redis

import (
	"sync"
	"time"
)

// db is the keyspace. A command holds its lock; EXEC holds it for all of its
// commands.
type db struct {
	mu      sync.RWMutex
	keys    map[string]*value
	changes uint64
}

// value is what a key holds: one of a text, a hash, a list or a sorted set.
type value struct {
	version uint64 // of the last change
	text    []byte
	hash    map[string]string
	list    [][]byte
	sorted  *sortedSet
	expires time.Time // never if zero
}

const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"

func newDB() *db { return &db{keys: map[string]*value{}} }

func (d *db) lock(writes bool) {
	if writes {
		d.mu.Lock()
	} else {
		d.mu.RLock()
	}
}

func (d *db) unlock(writes bool) {
	if writes {
		d.mu.Unlock()
	} else {
		d.mu.RUnlock()
	}
}

// get is the value of a key, nil if there is none or it has expired.
func (d *db) get(key string) *value {
	v := d.keys[key]
	if v != nil && !v.expires.IsZero() && time.Now().After(v.expires) {
		return nil
	}
	return v
}

// version changes whenever a key does; 0 if there is none.
func (d *db) version(key string) uint64 {
	if v := d.get(key); v != nil {
		return v.version
	}
	return 0
}

// change is the value of a key for a write, made by empty if there is none.
func (d *db) change(key string, empty func() *value) *value {
	v := d.get(key)
	if v == nil {
		v = empty()
		d.keys[key] = v
	}
	d.changes++
	v.version = d.changes
	return v
}

// set replaces whatever a key holds.
func (d *db) set(key string, v *value) {
	d.changes++
	v.version = d.changes
	d.keys[key] = v
}

func (d *db) delete(key string) bool {
	there := d.get(key) != nil
	delete(d.keys, key)
	return there
}

// dropIfEmpty deletes a key whose collection has nothing left, as Redis does.
func (d *db) dropIfEmpty(key string, v *value) {
	if v.text == nil && len(v.hash) == 0 && len(v.list) == 0 && (v.sorted == nil || v.sorted.len() == 0) {
		delete(d.keys, key)
	}
}

func emptyHash() *value   { return &value{hash: map[string]string{}} }
func emptyList() *value   { return &value{list: [][]byte{}} }
func emptySorted() *value { return &value{sorted: newSortedSet()} }
