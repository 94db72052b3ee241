package eventlog

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// The stored bytes are written by hand, so what protobuf makes of them is the proof.
func TestRecordIsTheMessageReadersExpect(t *testing.T) {
	created := time.Date(2026, 5, 6, 7, 8, 9, 123_456_700, time.UTC)
	for name, tc := range map[string]struct {
		event Event
		at    place
	}{
		"typical":      {Event{uuid.New(), "deal.moved.v1", true, []byte(`{"m":1}`), []byte(`{"d":2}`)}, place{"deal-1", 7, 12345, created}},
		"empty":        {Event{}, place{"s", 0, 1, created}},
		"binary, long": {Event{uuid.New(), "t", false, bytes.Repeat([]byte{0xff}, 300), bytes.Repeat([]byte{0}, 70_000)}, place{"客户-1", 1 << 40, math.MaxUint64 - 1, created}},
		"link":         {Event{uuid.New(), LinkType, false, nil, []byte("3@deal-1")}, place{"links", 2, 99, created}},
	} {
		t.Run(name, func(t *testing.T) {
			r := (&encoder{}).record(tc.event, tc.at)
			require.True(t, r.valid())
			assert.Equal(t, tc.at.position, r.Position())
			assert.Equal(t, tc.at.revision, r.Revision())
			assert.Equal(t, tc.event.ID, r.ID())
			assert.Equal(t, tc.at.stream, string(r.Stream()))
			assert.Equal(t, tc.event.Type, string(r.Type()))
			assert.True(t, bytes.Equal(tc.event.Data, r.Data()))
			assert.True(t, created.Equal(r.Created()))
			assert.Equal(t, tc.event.Type == LinkType, r.IsLink())

			event := decodeMessage(t, r.Message()).GetEvent()
			assert.Equal(t, tc.at.position, event.GetCommitPosition())
			assert.NotNil(t, event.GetPosition())
			requireEvent(t, event.GetEvent(), tc.event, tc.at)
			require.NotNil(t, event.GetEvent().GetId().GetStructured())

			asText := decodeMessage(t, Resolved{Record: r, TextIDs: true}.Message()).GetEvent()
			assert.Equal(t, tc.event.ID.String(), asText.GetEvent().GetId().GetString_())
			requireEvent(t, asText.GetEvent(), tc.event, tc.at)
		})
	}
}

func decodeMessage(t *testing.T, message []byte) *streams.ReadResp {
	t.Helper()
	decoded := &streams.ReadResp{}
	require.NoError(t, proto.Unmarshal(message, decoded))
	assert.Empty(t, decoded.ProtoReflect().GetUnknown())
	return decoded
}

func requireEvent(t *testing.T, got *streams.ReadResp_ReadEvent_RecordedEvent, want Event, at place) {
	t.Helper()
	require.NotNil(t, got)
	assert.Equal(t, at.stream, string(got.GetStreamIdentifier().GetStreamName()))
	assert.EqualValues(t, at.revision, got.GetStreamRevision())
	assert.Equal(t, at.position, got.GetCommitPosition())
	assert.Equal(t, at.position, got.GetPreparePosition())
	assert.Equal(t, map[string]string{
		"type": want.Type, "content-type": want.contentType(), "created": strconv.FormatInt(at.created.UnixNano()/100, 10),
	}, got.GetMetadata())
	assert.True(t, bytes.Equal(want.Metadata, got.GetCustomMetadata()))
	assert.True(t, bytes.Equal(want.Data, got.GetData()))
	assert.Empty(t, got.ProtoReflect().GetUnknown())
}

func TestResolvedLinks(t *testing.T) {
	enc, created := &encoder{}, time.Unix(1, 0)
	target := enc.record(Event{ID: uuid.New(), Type: "t", Data: []byte("x")}, place{"s", 3, 10, created})
	link := enc.record(Event{ID: uuid.New(), Type: LinkType, Data: []byte("3@s")}, place{"l", 0, 20, created})

	both := decodeMessage(t, Resolved{Record: link, Link: true, Target: target}.Message()).GetEvent()
	assert.Equal(t, "s", string(both.GetEvent().GetStreamIdentifier().GetStreamName()))
	assert.Equal(t, "l", string(both.GetLink().GetStreamIdentifier().GetStreamName()))
	assert.EqualValues(t, 20, both.GetCommitPosition())

	alone := decodeMessage(t, Resolved{Record: link, Link: true, TextIDs: true}.Message()).GetEvent()
	assert.Nil(t, alone.GetEvent())
	assert.Equal(t, link.ID().String(), alone.GetLink().GetId().GetString_())
}

func TestStreamKeysKeepStreamsApart(t *testing.T) {
	names := []string{"a", "a\x00", "a\x00\x01", "a\x00b", "aa", "a\xff", "", "ab"}
	var keys [][]byte
	for _, name := range names {
		for _, revision := range []int64{0, 1, 255, 256, TombstoneRevision} {
			key := streamKey(streamPrefix(name), revision)
			assert.Equal(t, revision, revisionOf(key))
			keys = append(keys, key)
		}
	}
	for i, name := range names {
		prefix := streamPrefix(name)
		for j, key := range keys {
			assert.Equal(t, j/5 == i, bytes.HasPrefix(key, prefix) && len(key) == len(prefix)+8, "%q %d", name, j)
		}
	}
	for i := range names {
		assert.True(t, slices.IsSortedFunc(keys[i*5:i*5+5], bytes.Compare), "revisions follow each other")
	}
}

func TestHeadsSurviveStorage(t *testing.T) {
	for _, h := range []head{
		emptyHead(),
		{last: 5, position: 77},
		{last: 5, position: 77, tombstoned: true, described: true},
		{last: none, described: true, retention: retention{truncateBefore: deletedBefore, maxCount: 3, maxAgeSeconds: 60}},
	} {
		got, err := decodeHead(h.encode())
		require.NoError(t, err)
		assert.Equal(t, h, got)
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 18), append([]byte{headVersion, headRetained}, make([]byte, 16)...)} {
		_, err := decodeHead(bad)
		assert.ErrorIs(t, err, errHeadEncoding)
	}
}

func TestRetentionIsReadLeniently(t *testing.T) {
	assert.Equal(t, retention{3, 4, 5}, parseRetention([]byte(`{"$tb":3,"$maxCount":4,"$maxAge":5,"own":{"x":1}}`)))
	assert.Equal(t, retention{maxCount: 4}, parseRetention([]byte(`{"$tb":"x","$maxCount":4,"$maxAge":-1}`)))
	assert.Equal(t, retention{}, parseRetention([]byte("not json")))
	changed, err := withTruncateBefore([]byte(`{"own":{"x":1},"$tb":1}`), 9)
	require.NoError(t, err)
	assert.JSONEq(t, `{"own":{"x":1},"$tb":9}`, string(changed))
	assert.Equal(t, time.Time{}, emptyHead().window("s", time.Now()).since)
	old := head{last: 1, retention: retention{maxAgeSeconds: math.MaxInt64}}.window("s", time.Now())
	assert.True(t, old.since.Before(time.Now()))
}
