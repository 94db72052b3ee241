package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"
)

// expiresSoon is when a certificate should have been exchanged already.
const expiresSoon = 14 * 24 * time.Hour

// checkCertificateFiles looks at what crm serve would show its callers.
func (d *visit) checkCertificateFiles() {
	const check = "certificate"
	files := d.c.http.tls
	if files.Cert == "" || files.Key == "" {
		d.skip(check, "none is named; answers are not encrypted by crm serve itself")
		return
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(),
			Means: "crm serve does not start with it, and one that runs stays with the one before",
			Do:    "give --tls-cert and --tls-key the two files of one certificate, in PEM",
		})
		return
	}
	d.checkCertificate(check, pair.Leaf)
}

func (d *visit) checkCertificate(check string, c *x509.Certificate) {
	left := c.NotAfter.Sub(d.now())
	f := finding{
		Check: check, Status: passed, Found: fmt.Sprintf("valid until %s, %d days", c.NotAfter.UTC().Format(time.DateOnly), int(left.Hours()/24)),
		Do: "put a new one in its place; crm serve uses it within 10 s",
	}
	switch {
	case left <= 0:
		f.Status, f.Found = failed, "has ended on "+c.NotAfter.UTC().Format(time.DateTime)
		f.Means = "callers refuse to connect"
	case d.now().Before(c.NotBefore):
		f.Status, f.Found = failed, "is not valid before "+c.NotBefore.UTC().Format(time.DateTime)
		f.Means = "callers refuse to connect, or the clock of this machine is wrong"
	case left < expiresSoon:
		f.Status, f.Means = warned, "callers will refuse to connect from then on"
	default:
		f.Do = ""
	}
	d.add(f)
}
