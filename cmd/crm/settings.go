package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// settings gives the values of a command's flags, each from the flag if it was
// given, else from the environment, else from the file, else its default.
func settings(cmd *cobra.Command) (*viper.Viper, error) {
	v := viper.New()
	v.SetEnvPrefix("CRM")
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	if err := v.BindPFlags(cmd.Flags()); err != nil {
		return nil, err
	}
	file := v.GetString("config")
	if file == "" {
		return v, fitting(cmd, v)
	}
	v.SetConfigFile(file)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		return nil, usageError{fmt.Errorf("--config: %w", err)}
	}
	for _, key := range v.AllKeys() {
		if cmd.Root().Flag(key) == nil && !knownFlag(cmd.Root(), key) {
			return nil, usageError{fmt.Errorf("%s: unknown setting %q", file, key)}
		}
	}
	return v, fitting(cmd, v)
}

// fitting holds what the environment and the file say against the types of the
// flags: read as another type it would silently be nothing.
func fitting(cmd *cobra.Command, v *viper.Viper) error {
	var p problems
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if _, list := flag.Value.(pflag.SliceValue); list || flag.Changed || !v.IsSet(flag.Name) {
			return
		}
		if text := v.GetString(flag.Name); flag.Value.Set(text) != nil {
			p.add("--%s cannot be %q, as CRM_%s or the file has it; it is of type %s",
				flag.Name, text, strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")), flag.Value.Type())
		}
	})
	return p.err()
}

// knownFlag tells whether any command has the flag: one file may serve several.
func knownFlag(cmd *cobra.Command, name string) bool {
	return cmd.Flags().Lookup(name) != nil ||
		slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return knownFlag(c, name) })
}

// problems collects everything wrong with the settings, so that a user mends
// them in one go.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return usageError{errors.Join(p...)}
}

// connectionString checks where an EventStoreDB is said to be.
func (p *problems) connectionString(flag, address string) {
	if !strings.HasPrefix(address, "esdb://") && !strings.HasPrefix(address, "esdb+discover://") {
		p.add("--%s %q: want esdb://host:2113 or esdb+discover://host", flag, address)
	}
}

// webAddress checks a URL to send something to.
func (p *problems) webAddress(flag, address string) {
	if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		p.add("--%s %q: want a URL such as http://127.0.0.1:4318", flag, address)
	}
}

// listenable checks an address to listen on. Beyond loopback it must be allowed.
func (p *problems) listenable(flag, address string, allowRemote bool) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		p.add("--%s %q: want host:port, such as 127.0.0.1:8080", flag, address)
		return
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !allowRemote {
		p.add("--%s %s is reachable from other machines; add --allow-remote if that is meant", flag, address)
	}
}
