package main

import (
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/httpapi"
)

// httpConfig is the settings of how HTTP is answered, checked.
type httpConfig struct {
	rates httpapi.Rates
}

func httpFlags(flags *pflag.FlagSet) {
	flags.Int("commands-per-minute", 300_000, "commands that one caller may send to this process; 0: any `number`")
	flags.Int("queries-per-minute", 1_200_000, "queries that one caller may send to this process; 0: any `number`")
}

func readHTTPConfig(v *viper.Viper, p *problems) httpConfig {
	c := httpConfig{
		rates: httpapi.Rates{Commands: v.GetInt("commands-per-minute"), Queries: v.GetInt("queries-per-minute")},
	}
	if c.rates.Commands < 0 {
		p.add("--commands-per-minute %d: want a number above 0, or 0 for no bound", c.rates.Commands)
	}
	if c.rates.Queries < 0 {
		p.add("--queries-per-minute %d: want a number above 0, or 0 for no bound", c.rates.Queries)
	}
	return c
}
