package eventstoredb

import (
	"context"
	"fmt"
)

// Version is what a server says its version is. One that does not say is 0.0.0.
type Version struct{ Major, Minor, Patch int }

// AtLeast tells whether it is that release or a later one.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// ServerVersion is the version of the server that is connected, as it said when
// it was. It fails with domain.ErrUnavailable if there is none.
func (c *Client) ServerVersion(ctx context.Context) (Version, error) {
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	g, err := c.acquire(ctx)
	if err != nil {
		return Version{}, unavailable("ask for the version of the event log", err)
	}
	defer g.leave()
	return g.version, nil
}
