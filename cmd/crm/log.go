package main

import (
	"io"
	"log/slog"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

func logFlags(flags *pflag.FlagSet) {
	flags.String("log-level", "info", "debug, info, warn or error")
	flags.String("log-format", "text", "text or json")
}

// newLogger reads the log settings; wrong ones are added to p.
func newLogger(v *viper.Viper, w io.Writer, p *problems) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(v.GetString("log-level"))); err != nil {
		p.add("--log-level %q: want debug, info, warn or error", v.GetString("log-level"))
	}
	options := &slog.HandlerOptions{Level: level}
	switch v.GetString("log-format") {
	case "text":
		return slog.New(slog.NewTextHandler(w, options))
	case "json":
		return slog.New(slog.NewJSONHandler(w, options))
	}
	p.add("--log-format %q: want text or json", v.GetString("log-format"))
	return slog.New(slog.DiscardHandler)
}
