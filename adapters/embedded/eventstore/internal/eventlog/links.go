package eventlog

import (
	"bytes"
	"context"
	"errors"
	"strconv"
)

// Resolve finds the event a link points to. A target that was never there, is deleted or hidden is nil.
func (l *Log) Resolve(ctx context.Context, link Record) (Record, error) {
	number, stream, ok := bytes.Cut(link.Data(), []byte("@"))
	if !ok {
		return nil, nil
	}
	revision, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || revision < 0 {
		return nil, nil //nolint:nilerr // a link that cannot be read points nowhere, which is no fault of the reader
	}
	target := string(stream)
	h, err := l.readableHead(ctx, target)
	var gone *DeletedError
	if errors.As(err, &gone) {
		return nil, nil
	}
	if err != nil || revision > h.last {
		return nil, err
	}
	r, err := l.recordOf(target, revision)
	if err != nil || r == nil || !h.window(target, l.now()).shows(r) {
		return nil, err
	}
	return r, nil
}

func (l *Log) recordOf(stream string, revision int64) (Record, error) {
	release, err := l.reading()
	if err != nil {
		return nil, err
	}
	defer release()
	position, found, err := lookUp(l.db, streamKey(streamPrefix(stream), revision))
	if err != nil || !found {
		return nil, err
	}
	return l.recordAt(position)
}
