package httpapi

// Commands is the write side of the API.
type Commands struct{}

// routes is the table of contents of all commands.
func (c *Commands) routes() []route { return nil }
