package webhookstest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a store without a server. The zero value is empty and ready; it is
// safe for concurrent use.
type Memory struct {
	// Fails, if set, is asked before every call. An error is returned instead.
	Fails func() error

	mu       sync.Mutex
	states   map[string]string
	journals map[string][]string
	leases   map[string]leased
}

type leased struct {
	owner string
	until time.Time
}

func (m *Memory) enter() (leave func(), err error) {
	if m.Fails != nil {
		if err := m.Fails(); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	if m.states == nil {
		m.states, m.journals, m.leases = map[string]string{}, map[string][]string{}, map[string]leased{}
	}
	return m.mu.Unlock, nil
}

// SaveDeliveries is webhooks.Store.SaveDeliveries.
func (m *Memory) SaveDeliveries(_ context.Context, name, state string, journal []string, keep int64) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	all := append(m.journals[name], journal...)
	m.states[name], m.journals[name] = state, slices.Clone(all[max(len(all)-int(keep), 0):])
	return nil
}

// DeliveryState is webhooks.Store.DeliveryState.
func (m *Memory) DeliveryState(_ context.Context, name string) (string, error) {
	leave, err := m.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	return m.states[name], nil
}

// DeliveryJournal is webhooks.Store.DeliveryJournal.
func (m *Memory) DeliveryJournal(_ context.Context, name string, most int64) ([]string, error) {
	leave, err := m.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	all := slices.Clone(m.journals[name])
	slices.Reverse(all)
	return all[:min(len(all), int(most))], nil
}

// DropDeliveries is webhooks.Store.DropDeliveries.
func (m *Memory) DropDeliveries(_ context.Context, name string) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	delete(m.states, name)
	delete(m.journals, name)
	return nil
}

// Lease is webhooks.Store.Lease.
func (m *Memory) Lease(_ context.Context, name, owner string, lasts time.Duration) (mine bool, err error) {
	leave, err := m.enter()
	if err != nil {
		return false, err
	}
	defer leave()
	if l, taken := m.leases[name]; taken && l.owner != owner && time.Now().Before(l.until) {
		return false, nil
	}
	m.leases[name] = leased{owner, time.Now().Add(lasts)}
	return true, nil
}

// Leased is webhooks.Store.Leased.
func (m *Memory) Leased(_ context.Context, name string) (bool, error) {
	leave, err := m.enter()
	if err != nil {
		return false, err
	}
	defer leave()
	l, taken := m.leases[name]
	return taken && time.Now().Before(l.until), nil
}

// Release is webhooks.Store.Release.
func (m *Memory) Release(_ context.Context, name, owner string) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	if m.leases[name].owner == owner {
		delete(m.leases, name)
	}
	return nil
}
