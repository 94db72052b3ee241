package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/bench"
	embedded "github.com/annals-crm/annals/adapters/embedded/redis"
	"github.com/annals-crm/annals/adapters/redisviews"
)

// startRedis starts a real server if one is installed, else the embedded one in
// this process, whose pid is then 0.
func startRedis(ctx context.Context, s *stack, dir string) (address string, pid int, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		server, err := embedded.Start()
		if err != nil {
			return "", 0, err
		}
		s.push(func() error { server.Close(); return nil })
		return "redis://" + server.Addr(), 0, nil
	}
	port, err := freePort(ctx)
	if err != nil {
		return "", 0, err
	}
	// Nothing is saved: read models are built from the log again.
	process := exec.CommandContext(context.WithoutCancel(ctx), program, "--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--save", "", "--appendonly", "no", "--dir", dir)
	if err := process.Start(); err != nil {
		return "", 0, err
	}
	ended := make(chan struct{})
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	s.push(func() error { return endProcess(process, ended) })
	address = "127.0.0.1:" + strconv.Itoa(port)
	return "redis://" + address, process.Process.Pid, listens(ctx, address)
}

// freePort is a port nobody listens on now.
func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// listens waits until something answers at address.
func listens(ctx context.Context, address string) error {
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		if time.Since(start) > childStart || ctx.Err() != nil {
			return err
		}
	}
}

// emptied is the URL of one database of a Redis, with nothing in it. It was
// filled here or must be empty already.
func emptied(ctx context.Context, address string, database int) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.Path = "/" + strconv.Itoa(database)
	client, err := redisviews.Connect(u.String())
	if err != nil {
		return "", err
	}
	defer func() { _ = client.Close() }()
	if err := guardEmpty(ctx, client); err != nil {
		return "", err
	}
	if err := client.FlushDB(ctx).Err(); err != nil {
		return "", err
	}
	return u.String(), client.Set(ctx, benchMark, 1, 0).Err()
}

// guardEmpty fails when a database holds anything but read models of a bench.
func guardEmpty(ctx context.Context, client redis.UniversalClient) error {
	keys, err := client.DBSize(ctx).Result()
	if err != nil || keys == 0 {
		return err
	}
	ours, err := client.Exists(ctx, benchMark).Result()
	if err == nil && ours == 0 {
		err = fmt.Errorf("the Redis database holds %d keys of somebody else", keys)
	}
	return err
}

// benchMark is a key in every database that a bench may empty.
const benchMark = "annals:bench"

// newBenchBare is the other side of a comparison, in a process of its own as
// the server is.
func newBenchBare() *cobra.Command {
	cmd := &cobra.Command{
		Use: "bare", Short: "Answer one HGETALL behind a router", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			var p problems
			log := newLogger(v, cmd.ErrOrStderr(), &p)
			if err := p.err(); err != nil {
				return err
			}
			client, err := redisviews.Connect(v.GetString("redis"))
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }()
			l, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			server := &http.Server{Handler: bench.BareHandler(client), ReadHeaderTimeout: 5 * time.Second}
			stop := context.AfterFunc(cmd.Context(), func() { _ = server.Close() })
			defer stop()
			log.Info("answering", "url", "http://"+l.Addr().String())
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		},
	}
	cmd.Flags().String("redis", "", "Redis `url`")
	logFlags(cmd.Flags())
	return cmd
}
