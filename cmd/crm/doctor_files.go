package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Free space on the disk of the data directory, in bytes.
const (
	littleSpace = 2 << 30
	noSpace     = 512 << 20
	// Where less than a tenth is free it is told earlier.
	littleOfTenth = 20 << 30
)

// checkData looks at the data directory: who may read it, and what room it has.
func (d *visit) checkData() {
	const check = "data directory"
	info, err := os.Stat(d.c.data)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.c.eventstore != "":
		d.skip(check, "there is none, and with --eventstore and --hash-key none is needed")
		return
	case errors.Is(err, fs.ErrNotExist):
		if err = writable(nearest(d.c.data)); err == nil {
			d.skip(check, "%s is not there yet; the first crm serve makes it", d.c.data)
			return
		}
	case err == nil && !info.IsDir():
		err = fmt.Errorf("%s is not a directory", d.c.data)
	}
	if err == nil {
		err = whole(d.c.data)
	}
	if err == nil && d.c.eventstore == "" {
		err = writable(d.c.data)
	}
	switch {
	case err != nil:
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(),
			Means: "crm serve cannot work in it", Do: "name another directory with --data, or mend this one",
		})
	case runtime.GOOS == "windows":
		d.skip(check, "who may read it is not looked at on this system")
	case info.Mode().Perm()&0o002 != 0:
		d.add(finding{
			Check: check, Status: failed, Found: fmt.Sprintf("%s has mode %04o", d.c.data, info.Mode().Perm()),
			Means: "any user of this machine can replace the log and the keys", Do: "chmod 700 " + d.c.data,
		})
	case info.Mode().Perm()&0o077 != 0:
		d.add(finding{
			Check: check, Status: warned, Found: fmt.Sprintf("%s has mode %04o", d.c.data, info.Mode().Perm()),
			Means: "other users of this machine can reach the log, which holds personal data", Do: "chmod 700 " + d.c.data,
		})
	default:
		d.ok(check, "%s is for its owner alone", d.c.data)
	}
	d.checkSpace()
}

// writable fails if this user can make no file in a directory.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		if failure, ok := errors.AsType[*fs.PathError](err); ok {
			err = failure.Err // not the name made up here
		}
		return fmt.Errorf("this user cannot write to %s: %w", dir, err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// nearest is the deepest directory above path that is there.
func nearest(path string) string {
	for {
		path = filepath.Dir(path)
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
	}
}

func (d *visit) checkSpace() {
	const check = "disk space"
	disk, err := vfs.Default.GetDiskUsage(d.c.data)
	if err != nil || disk.TotalBytes == 0 {
		d.skip(check, "the system does not tell")
		return
	}
	free, share := disk.AvailBytes, 100*float64(disk.AvailBytes)/float64(disk.TotalBytes)
	f := finding{Check: check, Status: passed, Found: english().Sprintf("%.1f GB free of %.1f, %.0f %%", float64(free)/1e9, float64(disk.TotalBytes)/1e9, share)}
	if free < littleSpace || free < littleOfTenth && share < 10 {
		f.Status = warned
		f.Means = "when the disk is full the event log takes nothing more, and every command fails"
		f.Do = "free space, or stop the server and move " + d.c.data + " to a larger disk"
	}
	if free < noSpace {
		f.Status = failed
	}
	d.add(f)
}

// checkConfigFile looks at who can read the settings, if a secret is in them.
func (d *visit) checkConfigFile() {
	file := d.v.GetString("config")
	if file == "" || !d.v.InConfig("hash-key") && !d.v.InConfig("webhook-key") && !d.v.InConfig("token") {
		return
	}
	d.checkSecret("settings file", file)
}

// checkKeys looks at who can read the files with keys.
func (d *visit) checkKeys() {
	files, err := filepath.Glob(filepath.Join(d.c.data, "*.key"))
	if err != nil { // a name that is no pattern
		d.skip("key files", "%v", err)
	}
	if key := d.c.http.tls.Key; key != "" {
		files = append(files, key)
	}
	for _, file := range files {
		d.checkSecret("key "+filepath.Base(file), file)
	}
}

func (d *visit) checkSecret(check, file string) {
	info, err := os.Stat(file)
	f := finding{Check: check, Status: failed, Means: "whoever has read it can use it", Do: "chmod 600 " + file}
	switch {
	case err != nil:
		f.Found, f.Means, f.Do = err.Error(), "crm serve cannot read it, either", "put it where the settings say, readable by the user that runs crm serve"
	case runtime.GOOS == "windows":
		d.skip(check, "who may read it is not looked at on this system")
		return
	case info.Mode().Perm()&0o027 != 0:
		f.Found = fmt.Sprintf("%s has mode %04o: other users can read or change it", file, info.Mode().Perm())
		f.Do += ", and if others used this machine, exchange what is in it where that can be done"
	case info.Mode().Perm()&0o040 != 0: // usual for keys that several services share
		f.Status, f.Found = warned, fmt.Sprintf("%s has mode %04o: its group can read it", file, info.Mode().Perm())
		f.Do += ", unless the group is that of services alone"
	default:
		d.ok(check, "%s is for its owner alone", file)
		return
	}
	d.add(f)
}
