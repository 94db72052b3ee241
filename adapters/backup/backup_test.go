package backup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/backup"
	"github.com/annals-crm/annals/domain"
)

var madeOf = backup.Manifest{
	MadeAt: time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC), Program: "v1", Log: "0123456789ab", Position: domain.Position{Commit: 7, Prepare: 7},
}

func sources(t *testing.T) []backup.Source {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.log"), []byte(strings.Repeat("journal ", 200)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600))
	all, err := backup.Tree(backup.LogDir, dir)
	require.NoError(t, err)
	return append(all, backup.Text("hash.key", []byte("5a5a\n")))
}

func whole(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, backup.Write(&file, madeOf, sources(t)))
	return file.Bytes()
}

func TestThereAndBack(t *testing.T) {
	file := whole(t)
	length, err := backup.Length(madeOf, sources(t))
	require.NoError(t, err)
	assert.EqualValues(t, len(file), length)

	dir := filepath.Join(t.TempDir(), "new")
	m, err := backup.Unpack(bytes.NewReader(file), dir)
	require.NoError(t, err)
	assert.Equal(t, madeOf.Position, m.Position)
	assert.EqualValues(t, 1600+5, m.Bytes())
	key, err := os.ReadFile(filepath.Join(dir, "hash.key"))
	require.NoError(t, err)
	assert.Equal(t, "5a5a\n", string(key))
	assert.FileExists(t, filepath.Join(dir, backup.LogDir, "empty"))
}

// A part never looks whole, wherever it ends.
func TestEveryPartIsIncomplete(t *testing.T) {
	file := whole(t)
	for end := range bytes.LastIndexByte(file, '}') { // the manifest's; behind it is nothing but zeros
		_, err := backup.Check(bytes.NewReader(file[:end]))
		require.ErrorIs(t, err, backup.ErrIncomplete, "%d bytes", end)
	}
}

// Any byte of a file that changes is noticed.
func TestDamage(t *testing.T) {
	file := whole(t)
	for _, at := range []int{600, 1500, 512 + 1600 + 448 + 512 + 512 + 1} {
		broken := bytes.Clone(file)
		broken[at] ^= 1
		_, err := backup.Check(bytes.NewReader(broken))
		assert.ErrorIs(t, err, backup.ErrDamaged, "byte %d", at)
	}
	_, err := backup.Check(strings.NewReader(strings.Repeat("no tar file", 200)))
	require.ErrorIs(t, err, backup.ErrDamaged)
	later := bytes.Replace(file, []byte(`"format": 1`), []byte(`"format": 2`), 1)
	_, err = backup.Check(bytes.NewReader(later))
	assert.ErrorIs(t, err, backup.ErrFormat)
}
