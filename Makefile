# Everything a person or a pipeline does with this project is a target here.

GO            ?= go
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNDB        ?= https://vuln.go.dev
FUZZTIME      ?= 10m
GOLANGCI      := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BIN           := bin/crm
DATA          ?=
PACKAGES      ?= ./...

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/crm
	$(GO) build -o $(BIN) ./cmd/crm

.PHONY: run
run: build ## Run everything in one process, data in ./data
	$(BIN) serve

.PHONY: demo
demo: build ## Import sample data (DATA=dir, or generated) and print the dashboards
	$(BIN) demo $(if $(DATA),--data-dir $(DATA))

.PHONY: test
test: redis-server ## Run all tests with the race detector, Redis included
	$(GO) test -race -timeout 20m $(PACKAGES)

.PHONY: generate
generate: build ## Write the OpenAPI document and the Go client anew
	$(BIN) openapi > $(BIN).openapi.json && mv $(BIN).openapi.json docs/openapi.json
	$(GO) run ./adapters/clients/generate docs/openapi.json adapters/clients/annals/client.gen.go

.PHONY: clients
clients: build node ## Generate a TypeScript client, check its types, and run the main flows with it
	.ci/clients

.PHONY: fuzz
fuzz: ## Send almost right requests to every operation, for FUZZTIME
	$(GO) test ./cmd/crm -run '^$$' -fuzz '^FuzzOperations$$' -fuzztime $(FUZZTIME) -parallel 2

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities in what the program calls
	$(GO) run $(GOVULNCHECK) -db $(VULNDB) ./...

.PHONY: published
published: build ## Compare every published figure of the sample data (DATA=dir)
	$(BIN) published $(if $(DATA),--data-dir $(DATA))

.PHONY: bench
bench: build redis-server ## Measure against the bare limits of this machine, in one run
	$(BIN) bench

.PHONY: conformance
conformance: ## Run the conformance suites and the Go client's own suite against the node
	$(GO) test -race -count=1 ./adapters/eventstoredb/... ./adapters/embedded/eventstore/...
	$(GO) run ./adapters/embedded/eventstore/clientsuite

.PHONY: lint
lint: ## Check formatting, rules and go.mod
	$(GO) run $(GOLANGCI) run
	$(GO) run $(GOLANGCI) fmt --diff
	$(GO) mod tidy -diff

.PHONY: fmt
fmt: ## Format all code
	$(GO) run $(GOLANGCI) fmt

.PHONY: redis-server
redis-server:
	@command -v redis-server >/dev/null || .ci/install redis-server

.PHONY: node
node:
	@command -v node >/dev/null || .ci/install nodejs
	@command -v npm >/dev/null || .ci/install npm
