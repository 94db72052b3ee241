package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/httpapi"
)

// certificateCheck is how often certificate files are looked at.
const certificateCheck = 10 * time.Second

func tlsFlags(flags *pflag.FlagSet) {
	flags.String("tls-cert", "", "`file` with the certificate, in PEM, to answer HTTPS with; HTTP if empty")
	flags.String("tls-key", "", "`file` with the key of --tls-cert")
	flags.String("tls-client-ca", "", "`file` with the authorities whose certificates callers must have; none if empty")
}

func readTLSFiles(v *viper.Viper, p *problems) httpapi.CertificateFiles {
	files := httpapi.CertificateFiles{Cert: v.GetString("tls-cert"), Key: v.GetString("tls-key"), ClientCA: v.GetString("tls-client-ca")}
	if (files.Cert == "") != (files.Key == "") {
		p.add("--tls-cert and --tls-key go together")
	}
	if files.ClientCA != "" && files.Cert == "" {
		p.add("--tls-client-ca needs --tls-cert and --tls-key")
	}
	return files
}

// encrypt reads the certificate, if there is one, and follows its files until
// the process ends.
func (p *parts) encrypt(ctx context.Context) (err error) {
	if p.config.http.tls.Cert == "" {
		return nil
	}
	if p.certificate, err = httpapi.NewCertificate(p.config.http.tls, p.metrics, p.config.log); err != nil {
		return err
	}
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.certificate.Follow(following, certificateCheck, hangUp)
	}()
	p.stack.push(func() error {
		signal.Stop(hangUp)
		stop()
		<-ended
		return nil
	})
	return nil
}

// answeringOn is l as callers reach it, and the start of addresses on it.
func (p *parts) answeringOn(l net.Listener) (_ net.Listener, scheme string) {
	if p.certificate == nil {
		return l, "http://"
	}
	return p.certificate.Listen(l), "https://"
}
