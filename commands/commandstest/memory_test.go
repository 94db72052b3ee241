package commandstest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

func TestMemoryIsAnEventStore(t *testing.T) {
	commandstest.EventStore(t, func(*testing.T) commands.EventStore { return new(commandstest.Memory) })
}

func TestMemoryLetsARivalIn(t *testing.T) {
	store, stream := new(commandstest.Memory), commandstest.NewStream()
	store.BeforeAppend = func(stream string) error {
		_, err := store.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(1, 1))
		return err
	}
	_, err := store.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(2, 1))
	require.ErrorIs(t, err, domain.ErrConflict)
	assert.Equal(t, []domain.Event{commandstest.Happened{Number: 1}}, store.Events(stream))
}

func TestMemoryLosesAnAnswer(t *testing.T) {
	store, stream, lost := new(commandstest.Memory), commandstest.NewStream(), errors.New("lost")
	store.Given(t, stream, commandstest.Happened{Number: 1})
	store.AfterAppend = func(string) error { return lost }
	_, err := store.Append(t.Context(), stream, 0, commandstest.Facts(2, 1))
	require.ErrorIs(t, err, lost)
	assert.Len(t, store.Log(), 2)
}
