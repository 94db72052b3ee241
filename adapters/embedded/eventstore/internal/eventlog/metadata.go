package eventlog

import "github.com/google/uuid"

// revival is the metadata that brings a deleted stream back together with the write that caused it.
type revival struct {
	stream   string
	metadata []byte
}

// revival returns nil when the write brings nothing back. A deleted stream comes back by an event of its own, or by new
// metadata that does not delete it again; what it had before stays hidden.
func (w *writer) revival(g *group, stream string, h head, events []Event) (*revival, error) {
	owner, meta := described(stream)
	if !meta {
		if !h.softDeleted() {
			return nil, nil
		}
		metadata, err := w.metadata(g, stream)
		if err != nil {
			return nil, err
		}
		metadata, err = withTruncateBefore(metadata, h.last+1)
		return &revival{stream, metadata}, err
	}
	of, err := w.head(owner)
	if err != nil || !of.softDeleted() {
		return nil, err
	}
	metadata := events[len(events)-1].Data
	if parseRetention(metadata).truncateBefore == deletedBefore {
		return nil, nil
	}
	metadata, err = withTruncateBefore(metadata, of.last+1)
	return &revival{owner, metadata}, err
}

// metadata is the current description of a stream, empty when it has none.
func (w *writer) metadata(g *group, stream string) ([]byte, error) {
	metastream := metastreamPrefix + stream
	h, err := w.head(metastream)
	if err != nil || h.last == none {
		return nil, err
	}
	r, err := past{writer: w, group: g, stream: metastream}.at(h.last)
	if err != nil || r == nil {
		return nil, err
	}
	return r.Data(), nil
}

// describe writes the metadata of a stream on the log's own account.
func (w *writer) describe(g *group, stream string, metadata []byte) error {
	metastream := metastreamPrefix + stream
	h, err := w.head(metastream)
	if err != nil {
		return err
	}
	if _, err := w.head(stream); err != nil {
		return err
	}
	w.put(g, metastream, h, []Event{{ID: uuid.New(), Type: MetadataType, JSON: true, Data: metadata}})
	return nil
}

// redescribe makes new metadata count at once. Whoever writes to a metastream has loaded the head of its owner before, and
// the cache holds far more than one group can touch.
func (w *writer) redescribe(g *group, stream string, position uint64, metadata []byte) {
	h, ok := w.heads.Get(stream)
	if !ok {
		h = emptyHead()
	}
	h.described, h.retention, h.position = true, parseRetention(metadata), position
	w.setHead(g, stream, h)
}
