package commandstest

import (
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
)

// Given puts facts at the end of a stream, as if they had happened before.
func (m *Memory) Given(t *testing.T, stream string, events ...domain.Event) {
	t.Helper()
	expected := int64(len(m.Stream(stream))) - 1
	facts := make([]domain.NewEvent, len(events))
	for i, e := range events {
		name := stream + "/" + strconv.FormatInt(expected+1+int64(i), 10)
		facts[i] = domain.NewEvent{ID: uuid.NewSHA1(uuid.Nil, []byte(name)).String(), Event: e}
	}
	_, err := m.append(stream, expected, facts)
	require.NoError(t, err)
}
