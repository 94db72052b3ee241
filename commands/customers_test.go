package commands_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/reservation"
)

func customersOver(t *testing.T, store commands.EventStore) commands.Customers {
	t.Helper()
	loop := loopOver(t, store, nil)
	return commands.Customers{
		Loop: loop, Numbers: commands.NewNumbers(loop, numberrange.Customers),
		Reservations: commands.NewReservations(loop, []byte("0123456789abcdef0123456789abcdef")),
	}
}

func withEmail(address string) commands.RegisterCustomer {
	return commands.RegisterCustomer{Name: "Ningbo Precision Ltd", Contacts: []commands.Contact{{Kind: "email", Value: address}}}
}

// numbers are those of the registered customers, sorted.
func numbers(store *commandstest.Memory) []string {
	var numbers []string
	for _, r := range store.Log() {
		if e, ok := r.Event.(customer.Registered); ok {
			numbers = append(numbers, e.Number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// CM-05: two processes register at the same time.
func TestCustomerNumbersAreUniqueUnderConcurrency(t *testing.T) {
	store := new(commandstest.Memory)
	processes := []commands.Customers{customersOver(t, store), customersOver(t, store)}
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			_, err := processes[i%2].Register(t.Context(), fresh(), commands.RegisterCustomer{Name: "Ningbo Precision Ltd"})
			assert.NoError(t, err)
		})
	}
	group.Wait()
	got := numbers(store)
	require.Len(t, got, 200)
	assert.Len(t, slices.Compact(slices.Clone(got)), 200)
	assert.Equal(t, "202601-001", got[0])
	assert.Equal(t, "202601-200", got[199])
}

func TestRepeatedRegistrationTakesNoSecondNumber(t *testing.T) {
	store := new(commandstest.Memory)
	first, err := customersOver(t, store).Register(t.Context(), by("key"), withEmail("li@example.com"))
	require.NoError(t, err)
	again, err := customersOver(t, store).Register(t.Context(), by("key"), withEmail("li@example.com"))
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Len(t, store.Events("number_range-customer"), 1)
}

func TestRefusedRegistrationTakesNoNumber(t *testing.T) {
	store := new(commandstest.Memory)
	_, err := customersOver(t, store).Register(t.Context(), fresh(), withEmail("not an address"))
	require.Error(t, err)
	assert.Empty(t, store.Log())
}

// Definitions 5.3, tier A: of many at once, one gets the address.
func TestOneCustomerHasAnAddress(t *testing.T) {
	store := new(commandstest.Memory)
	processes := []commands.Customers{customersOver(t, store), customersOver(t, store)}
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		won   []commands.Result
		lost  []error
	)
	for i := range 20 {
		group.Go(func() {
			result, err := processes[i%2].Register(t.Context(), fresh(), withEmail([]string{"li@example.com", " LI+crm@Example.com"}[i%2]))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				lost = append(lost, err)
			} else {
				won = append(won, result)
			}
		})
	}
	group.Wait()
	require.Len(t, won, 1)
	holder := reservation.Taken{Holder: won[0].ID, Owner: "ann"}
	unfinished := reservation.Taken{Holder: won[0].ID} // the address is claimed before the customer is there
	for _, err := range lost {
		require.ErrorIs(t, err, reservation.ErrTaken)
		taken, ok := errors.AsType[*domain.Error](err)
		require.True(t, ok)
		assert.Contains(t, []any{holder, unfinished}, taken.Details)
	}
	_, err := processes[0].Register(t.Context(), fresh(), withEmail("li@example.com"))
	taken, ok := errors.AsType[*domain.Error](err)
	require.True(t, ok)
	assert.Equal(t, holder, taken.Details)
}

// Of several who want the same two keys one gets them both, in whatever order
// they name them.
func TestKeysThatBelongTogetherAreClaimedByOne(t *testing.T) {
	for range 50 {
		store := distant{new(commandstest.Memory)}
		var (
			group sync.WaitGroup
			won   atomic.Int32
		)
		for i := range 8 {
			customers, wish := customersOver(t, store), withEmail("li@example.com")
			wish.Contacts = append(wish.Contacts, commands.Contact{Kind: "email", Value: "wang@example.com"})
			if i%2 == 0 {
				slices.Reverse(wish.Contacts)
			}
			group.Go(func() {
				if _, err := customers.Register(t.Context(), fresh(), wish); err == nil {
					won.Add(1)
				} else {
					assert.ErrorIs(t, err, reservation.ErrTaken)
				}
			})
		}
		group.Wait()
		require.Equal(t, int32(1), won.Load())
	}
}

// distant is a store that takes its time, now more, now less.
type distant struct{ *commandstest.Memory }

func (d distant) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	time.Sleep(rand.N(time.Millisecond))
	return d.Memory.Append(ctx, stream, expected, events)
}

// The sender repeats a registration that died a while ago. While it is carried
// out, its claim must not be taken for one left behind.
func TestRepeatedRegistrationRenewsItsClaim(t *testing.T) {
	store := new(commandstest.Memory)
	died := errors.New("killed")
	store.BeforeAppend = func(stream string) error {
		if stream == "number_range-customer" {
			return died
		}
		return nil
	}
	_, err := customersOver(t, store).Register(t.Context(), by("key"), withEmail("li@example.com"))
	require.ErrorIs(t, err, died)

	repeating := customersAt(t, store, now.Add(2*time.Minute))
	rival := customersOver(t, store)
	store.BeforeAppend = func(stream string) error {
		if stream == "number_range-customer" {
			_, err := rival.Register(t.Context(), fresh(), withEmail("li@example.com"))
			assert.ErrorIs(t, err, reservation.ErrTaken)
		}
		return nil
	}
	_, err = repeating.Register(t.Context(), by("key"), withEmail("li@example.com"))
	require.NoError(t, err)
}

func TestRemovedAddressIsFreeAgain(t *testing.T) {
	store := new(commandstest.Memory)
	customers := customersOver(t, store)
	first, err := customers.Register(t.Context(), fresh(), withEmail("li@example.com"))
	require.NoError(t, err)
	contact, ok := store.Events(first.Stream)[1].(customer.ContactAdded)
	require.True(t, ok)
	_, err = customers.RemoveContact(t.Context(), fresh(), commands.RemoveContact{
		CustomerRef: commands.CustomerRef{CustomerID: first.ID}, ContactID: contact.ID,
	})
	require.NoError(t, err)
	_, err = customers.Register(t.Context(), fresh(), withEmail("li@example.com"))
	require.NoError(t, err)
}

// A process claimed the key and died before it recorded the customer.
func TestOrphanedClaimIsReclaimed(t *testing.T) {
	for name, test := range map[string]struct {
		age  time.Duration
		want error
	}{
		"still being written": {10 * time.Second, reservation.ErrTaken},
		"left behind":         {2 * time.Minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			store := new(commandstest.Memory)
			died := errors.New("killed")
			store.BeforeAppend = func(stream string) error {
				if stream == "number_range-customer" {
					return died
				}
				return nil
			}
			_, err := customersOver(t, store).Register(t.Context(), fresh(), withEmail("li@example.com"))
			require.ErrorIs(t, err, died)
			store.BeforeAppend = nil

			later := customersAt(t, store, now.Add(test.age))
			_, err = later.Register(t.Context(), fresh(), withEmail("li@example.com"))
			require.ErrorIs(t, err, test.want)
		})
	}
}

func customersAt(t *testing.T, store commands.EventStore, at time.Time) commands.Customers {
	t.Helper()
	before := now
	now = at
	t.Cleanup(func() { now = before })
	return customersOver(t, store)
}

// No personal data stands in the name of a stream.
func TestStreamNamesGiveNothingAway(t *testing.T) {
	store := new(commandstest.Memory)
	_, err := customersOver(t, store).Register(t.Context(), fresh(), withEmail("li@example.com"))
	require.NoError(t, err)
	for _, r := range store.Log() {
		assert.NotContains(t, r.Stream, "li@")
	}
}

// saved keeps snapshots and tells when one was written.
type saved struct {
	mu      sync.Mutex
	byKey   map[string][]byte
	written chan string
}

func (s *saved) Snapshot(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[key], nil
}

func (s *saved) SaveSnapshot(_ context.Context, key string, state []byte) error {
	s.mu.Lock()
	s.byKey[key] = state
	s.mu.Unlock()
	s.written <- key
	return nil
}

func TestLongStreamsAreReadFromASnapshot(t *testing.T) {
	store := &counting{Memory: new(commandstest.Memory)}
	snapshots := &saved{byKey: map[string][]byte{}, written: make(chan string, 10)}
	deals := commands.Deals{Loop: loopOver(t, store, snapshots)}
	opened := openDeal(t, deals, by("open"))
	owners := []string{"bob", "carol"}
	for i := range 210 {
		_, err := deals.Assign(t.Context(), by(time.Duration(i).String()), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: owners[i%2]})
		require.NoError(t, err)
	}
	<-snapshots.written

	restarted := commands.Deals{Loop: loopOver(t, store, snapshots)}
	first, err := restarted.Assign(t.Context(), by(time.Duration(3).String()), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: owners[1]})
	require.NoError(t, err)
	assert.Equal(t, uint64(4), first.Revision, "a command from before the snapshot gets its first result")
	last, err := restarted.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "dave"})
	require.NoError(t, err)
	assert.Equal(t, uint64(211), last.Revision)
	assert.Len(t, store.Stream(opened.Stream), 212)
}
