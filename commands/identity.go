package commands

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
)

// namespace is the root of every id derived here. Changing it would make every
// repeated command look new.
var namespace = uuid.MustParse("6b1f4a0e-2a53-5f0e-8f7d-0d6f2b9c7e11")

// CommandID derives the id of a command from who sent it, by the name that only
// their tokens have (see access.Tokens.Issue), and the key they repeat it under.
// So two callers cannot meet on one key, and a caller whose token was renewed
// still gets the first result.
func CommandID(caller, idempotencyKey string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(caller+"\x00"+idempotencyKey))
}

// derived is the id of something a command brings forth.
func derived(command uuid.UUID, what string) uuid.UUID { return uuid.NewSHA1(command, []byte(what)) }

// derivedAt is the id of the index-th of several such things.
func derivedAt(command uuid.UUID, what string, index int) string {
	return derived(command, what+strconv.Itoa(index)).String()
}

// eventID is the same whenever the same command is decided again, which is how
// the log recognises a repeat.
func eventID(command uuid.UUID, digest string, index int) string {
	return derived(command, digest+strconv.Itoa(index)).String()
}

// newID is the id of a record that a command starts: derived from its id in
// another system, if it has one, so that whoever brings it in a second time
// finds it there; else from the command.
func newID(env Envelope, noun, externalID string) string {
	if externalID = strings.TrimSpace(externalID); externalID != "" {
		return uuid.NewSHA1(namespace, []byte(noun+"\x00"+externalID)).String()
	}
	return derived(env.CommandID, noun).String()
}

// known fails unless the record that a command refers to exists and its sender
// sees it, if it refers to one. Records are never deleted, so one that everybody
// sees need not be looked at again.
func known[S any, E domain.Event](ctx context.Context, l *Loop, env Envelope, agg domain.Aggregate[S, E], field, id string) error {
	if id == "" {
		return nil
	}
	if env.Reach.Limited() {
		state, err := peek(ctx, l, agg, id)
		if err != nil {
			return err
		}
		if within, err := sees(ctx, l, env, agg, state); within || err != nil {
			return err
		}
		return agg.NotFound.In(field)
	}
	stream := agg.Stream(id)
	if l.states.Contains(stream) {
		return nil
	}
	for _, err := range l.store.Read(ctx, stream, 0) {
		return err
	}
	return agg.NotFound.In(field)
}

// existing adds to the refusal of a record that is there already which one it is,
// for whoever sees all of them.
func existing(result Result, err error, env Envelope, refusal *domain.Error, id string) (Result, error) {
	if errors.Is(err, refusal) && !env.Reach.Limited() {
		return result, refusal.With(map[string]string{"id": id})
	}
	return result, err
}

// digest tells whether two requests under one key ask for the same.
func digest(command any) (string, error) {
	text, err := json.Marshal(command)
	if err != nil {
		return "", fmt.Errorf("digest %T: %w", command, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), nil
}

// seen remembers which commands a stream holds, eight bytes each. A hit is
// confirmed in the stream itself before it is believed.
type seen map[uint64]struct{}

func (s seen) add(commandID string) {
	if id, err := uuid.Parse(commandID); err == nil {
		s[short(id)] = struct{}{}
	}
}

func (s seen) has(id uuid.UUID) bool {
	_, ok := s[short(id)]
	return ok
}

func short(id uuid.UUID) uint64 {
	return binary.BigEndian.Uint64(id[:8]) ^ binary.BigEndian.Uint64(id[8:])
}
