package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/importer"
	"github.com/annals-crm/annals/domain"
)

// trial is a fresh server and the samples to import into it.
type trial struct {
	server   *childServer
	client   *apiclient.Client
	samples  string
	stderr   io.Writer
	position string // of the last import
}

func newTrial(ctx context.Context, samples, data string, stderr io.Writer) (*trial, error) {
	server, err := startServer(ctx, data, stderr)
	if err != nil {
		return nil, err
	}
	client, err := apiclient.New(server.url, server.token, 4)
	if err != nil {
		server.stop()
		return nil, err
	}
	return &trial{server: server, client: client, samples: samples, stderr: stderr}, nil
}

// imported is what crm import said it did.
type imported struct {
	summaries map[string]importer.Summary
	position  domain.Position
}

// importAll runs crm import for every sample.
func (t *trial) importAll(ctx context.Context) (imported, error) {
	done := imported{summaries: map[string]importer.Summary{}}
	for kind, file := range sampleFiles(t.samples) {
		var stdout bytes.Buffer
		_, _ = fmt.Fprintf(t.stderr, "crm import %s %s\n", kind, filepath.Base(file))
		cmd := t.server.command(ctx, "import", kind, file, "--json")
		cmd.Stdout, cmd.Stderr = &stdout, t.stderr
		if err := cmd.Run(); err != nil {
			return done, fmt.Errorf("import %s: %w", kind, err)
		}
		var summary importer.Summary
		if err := json.Unmarshal(stdout.Bytes(), &summary); err != nil {
			return done, fmt.Errorf("summary of import %s: %w", kind, err)
		}
		done.summaries[kind] = summary
		if done.position.Compare(summary.Position) < 0 {
			done.position = summary.Position
		}
	}
	t.position = done.position.String()
	return done, nil
}

// read sees everything that was imported.
func (t *trial) read(ctx context.Context) (dashboards, error) {
	return readDashboards(ctx, t.client, t.position)
}

// importKilled kills an import of deals once a quarter of them is open, and tells
// how many it left out.
func (t *trial) importKilled(ctx context.Context) (int64, error) {
	file := filepath.Join(t.samples, salesDir, pipelineCSV)
	rows := int64(0)
	if err := eachRow(file, func(map[string]string) error { rows++; return nil }); err != nil {
		return 0, err
	}
	_, _ = fmt.Fprintf(t.stderr, "crm import deals %s, to be killed\n", filepath.Base(file))
	cmd := t.server.command(ctx, "import", importer.Deals, file, "--parallel", "1")
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // that it was killed is no news
		close(ended)
	}()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return 0, errors.New("the import ended before it could be killed")
		case <-look.C:
		}
		n, err := t.deals(ctx)
		if err != nil || n > rows/4 {
			_ = cmd.Process.Kill()
			<-ended
			if err != nil {
				return 0, err
			}
			break
		}
	}
	n, err := t.deals(ctx)
	return rows - n, err
}

// deals counts those the dashboard has so far.
func (t *trial) deals(ctx context.Context) (int64, error) {
	var figures salesFigures
	err := t.client.Get(ctx, "/v1/queries/dashboards/sales", nil, &figures)
	return figures.Open + figures.Won + figures.Lost, err
}
