package importer

import "github.com/google/uuid"

// namespace is the root of every key derived here. Changing it would make every
// repeated import look new.
var namespace = uuid.MustParse("0c7f2f8e-51b4-5a57-9d6e-3f1f6c1f7a25")

// key is the Idempotency-Key of one step of one row: the same for every repeat,
// whatever the file is called and wherever the row stands in it.
func key(source, kind, externalID, step string) string {
	return uuid.NewSHA1(namespace, []byte(source+"\x00"+kind+"\x00"+externalID+"\x00"+step)).String()
}

// ImportID ties together everything one file leads to.
func (f *File) ImportID() string {
	return uuid.NewSHA1(namespace, []byte(f.Mapping.Source+"\x00"+f.Sum)).String()
}
