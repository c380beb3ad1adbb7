# Plain `make` is what CI runs. All tools are pinned in tools/go.mod and tools/golangci-lint/go.mod, and are
# built when they are first used: nothing has to be installed.

TOOL := go tool -modfile=$(CURDIR)/tools/go.mod
LINT := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint

# What to run, how often and how long.
PKG      ?= ./...
BENCH    ?= .
COUNT    ?= 10
TIME     ?= 0.3s
FUZZTIME ?= 60s

export GOWORK := off

.DEFAULT_GOAL := ci

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: ci
ci: ## Everything CI runs (the default)
	@.ci/run

.PHONY: short
short: ## The quickest look at a change: gofmt, vet, the tests without the long ones
	@.ci/run short

.PHONY: test
test: ## The tests
	@.ci/run test

.PHONY: race
race: ## The tests with the race detector, in random order
	@.ci/run race

.PHONY: jsonv2
jsonv2: ## The tests with the next Go's encoding/json
	@.ci/run jsonv2

.PHONY: nested
nested: ## Build, vet and test the nested modules
	@.ci/run nested

.PHONY: cover
cover: ## The tests with coverage; the profile is cover.out
	@COVERPROFILE=$(CURDIR)/cover.out .ci/run jsonv2
	@echo "see it with: go tool cover -html=cover.out"

.PHONY: mutations
mutations: ## Plant every bug, and see a test fail for each
	@MUTATIONS=all .ci/run mutations

.PHONY: soak
soak: ## What runs for minutes: a million calls, 200,000 events, some thousand kills, 10,000 chats; written to docs/soak.log
	@bash -o pipefail -c '.ci/run soak | tee docs/soak.log'

.PHONY: lint
lint: ## golangci-lint in every module
	@.ci/run lint

.PHONY: vet
vet: ## go vet
	@.ci/run vet

.PHONY: fmt
fmt: ## Format the Go code in place
	$(LINT) fmt

.PHONY: docs
docs: ## Make the list of methods in docs/v2.md from methods.csv
	go test -run TestMethods_list ./internal/acceptance -update

.PHONY: tidy
tidy: ## go mod tidy in every module
	@find . -name testdata -prune -o -name go.mod -execdir go mod tidy \;

.PHONY: tidy-check
tidy-check: ## What go mod tidy would change, and the Go version of every module
	@.ci/run modules

.PHONY: deps
deps: ## The packages an importer compiles in, all of them allowed
	@.ci/run deps

.PHONY: deadcode
deadcode: ## Functions that neither a test nor a program reaches
	$(TOOL) deadcode -test ./...

.PHONY: bench
bench: ## Benchmarks beside the same calls by hand (PKG, BENCH, COUNT, TIME)
	@rm -f bench.out # round by round, so that a busy minute of the machine slows all of them
	@for round in $$(seq $(COUNT)); do \
	  go test -run='^$$' -bench='$(BENCH)' -benchmem -benchtime=$(TIME) $(PKG) >>bench.out || { cat bench.out; exit 1; }; \
	done
	$(TOOL) benchstat -col /client bench.out

.PHONY: live
live: ## Both generations on a real portal (BITRIX24_WEBHOOK_URL), with a transcript that says nothing of people
	@go run ./internal/live

.PHONY: sim
sim: ## LeaveAll in virtual time, beside what the rules allow and what users write (SIMCHATS)
	@.ci/run sim

.PHONY: fuzz
fuzz: ## Every fuzz test for a while (PKG, FUZZTIME)
	@go test -list='^Fuzz' -json $(PKG) | \
	  sed -n 's/.*"Package":"\([^"]*\)".*"Output":"\(Fuzz[A-Za-z0-9_]*\)\\n".*/\1 \2/p' | \
	  while read -r package name; do \
	    echo "+ $$package $$name"; \
	    go test -run='^$$' -fuzz="^$$name\$$" -fuzztime=$(FUZZTIME) "$$package" </dev/null || exit 1; \
	  done

.PHONY: apidiff
apidiff: ## What changed in the exported API since the last release, or since a commit (BASE)
	@API_BASE="$(BASE)" .ci/run apidiff

.PHONY: release
release: ## Rehearse a release: the tags, and the program without its replace (tools/release.sh --tag makes them)
	@tools/release.sh

.PHONY: api
api: ## List in api/ what is exported, as that of the version in internal/version
	go test -run TestAPI ./internal/api -update
	cd redisstore && go test -run TestAPI . -update
	cd sqlstore && go test -run TestAPI . -update
	cd content/markdown && go test -run TestAPI . -update
	cd eventqueue && go test -run TestAPI . -update
	cd otelimbot && go test -run TestAPI . -update
