package organisation

import (
	"iter"
	"slices"
	"strings"
)

// chunks is how many parts a table has. At thousands of rows a part holds a few
// dozen.
const chunks = 128

// table is a map that is never changed in place: with and without return
// another one that shares all parts but one. States are cached and shared, so
// each event would otherwise cost a copy of everything. The zero table is empty.
type table[V any] struct {
	rows  int
	parts *[chunks][]row[V] // each sorted by key
}

type row[V any] struct {
	key string
	v   *V // never changed
}

func (t table[V]) get(key string) (V, bool) {
	if i, there := t.find(key); there {
		return *t.parts[chunk(key)][i].v, true
	}
	var none V
	return none, false
}

// at is the row of key, or a zero row.
func (t table[V]) at(key string) V {
	v, _ := t.get(key)
	return v
}

func (t table[V]) with(key string, v V) table[V] {
	i, there := t.find(key)
	part := t.open(key)
	if there {
		(*part)[i].v = &v
		return t
	}
	*part = slices.Insert(*part, i, row[V]{key, &v})
	t.rows++
	return t
}

func (t table[V]) without(key string) table[V] {
	i, there := t.find(key)
	if !there {
		return t
	}
	part := t.open(key)
	*part = slices.Delete(*part, i, i+1)
	t.rows--
	return t
}

// find is the place of key in its part.
func (t table[V]) find(key string) (i int, there bool) {
	if t.parts == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(t.parts[chunk(key)], key, func(r row[V], key string) int { return strings.Compare(r.key, key) })
}

// open gives t parts of its own, and returns a fresh copy of the one key is in.
func (t *table[V]) open(key string) *[]row[V] {
	parts := new([chunks][]row[V])
	if t.parts != nil {
		*parts = *t.parts
	}
	t.parts = parts
	part := &parts[chunk(key)]
	*part = append(make([]row[V], 0, len(*part)+1), *part...)
	return part
}

// all yields the rows, in no order that means anything.
func (t table[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		if t.parts == nil {
			return
		}
		for _, part := range t.parts {
			for _, r := range part {
				if !yield(r.key, *r.v) {
					return
				}
			}
		}
	}
}

// chunk is the part a key is in: FNV-1a.
func chunk(key string) int {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int((h ^ h>>8 ^ h>>16) % chunks)
}

// tableOf is a table of rows.
func tableOf[V any](rows map[string]V) table[V] {
	var t table[V]
	for key, v := range rows {
		t = t.with(key, v)
	}
	return t
}

// index finds ids by what they belong to. Each list is sorted.
type index struct{ table[[]string] }

func (x index) add(key, id string) index {
	ids := x.at(key)
	i, there := slices.BinarySearch(ids, id)
	if there {
		return x
	}
	return index{x.with(key, slices.Insert(slices.Clip(ids), i, id))}
}

func (x index) remove(key, id string) index {
	ids := x.at(key)
	i, there := slices.BinarySearch(ids, id)
	if !there {
		return x
	}
	if len(ids) == 1 {
		return index{x.without(key)}
	}
	return index{x.with(key, slices.Delete(slices.Clone(ids), i, i+1))}
}

func (x index) move(from, to, id string) index { return x.remove(from, id).add(to, id) }
