# Everything a person or the CI does with this repository; `make` alone prints the targets.
# Tools are installed at pinned versions into $WHITEOUT_CACHE (default: ~/.cache/whiteout), never into the system.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export CARGO_TERM_COLOR ?= auto
FUZZ_SECONDS ?= 60
ARCH ?= arm64
# Where cargo puts what it builds, when somebody keeps it elsewhere.
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help run test lint unit trackers page warehouse bench unwind fuzz build deploy deploy-local watch sam-local clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: ## start the local pipeline on http://127.0.0.1:9090
	@cargo build --quiet --profile quick -p whiteout
	@exec $(TARGET)/quick/whiteout local $(ARGS)

test: lint unit trackers page ## run every check: format, lints, all tests, the house rules, real trackers, the page

lint: ## check format, clippy with warnings denied, documentation, the template
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
	@tools/install.sh sam cfn-lint
	"$$(tools/install.sh --path cfn-lint)/cfn-lint" template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1 "$$(tools/install.sh --path sam)/sam" validate --lint

unit: ## run the tests of every crate, the golden cases, the real binary against a Kinesis API
	cargo test --workspace

trackers: ## send events with the Node, Python and browser trackers and read them back
	cargo build --quiet --profile quick -p whiteout
	WHITEOUT_BIN=$(TARGET)/quick/whiteout tests/trackers/run

page: ## use the page of the local pipeline in headless Chromium
	cargo build --quiet --profile quick -p whiteout
	WHITEOUT_BIN=$(TARGET)/quick/whiteout tests/page/run

warehouse: ## parse and try the warehouse's SQL, read exports with DuckDB
	@tools/install.sh warehouse
	cargo build --quiet --profile quick -p whiteout
	WHITEOUT_BIN=$(TARGET)/quick/whiteout "$$(tools/install.sh --path warehouse)/python" -B tests/warehouse/check.py

bench: ## measure the core beside its floor, the start, the size and the memory
	cargo bench -p collector --no-default-features --bench collect
	cargo bench -p enricher --no-default-features --bench enrich
	cargo bench -p enricher --no-default-features --bench script
	@tools/install.sh peers
	cargo bench -p pseudonymizer --no-default-features --bench pseudonymize
	cargo build --quiet --release -p collector --bin collector --example empty
	cargo build --quiet --release -p enricher --bin enricher
	cargo build --quiet --release -p pseudonymizer --bin pseudonymizer
	cargo bench -p pipeline-tests --bench process
	cargo build --quiet --profile quick -p whiteout
	cargo bench -p pipeline-tests --bench local

unwind: ## show that a function built by cargo-lambda reports a panic as an error and lives on
	tools/unwind.sh

fuzz: ## fuzz every parser of foreign bytes for FUZZ_SECONDS (60) each
	tools/fuzz.sh $(FUZZ_SECONDS)

build: ## build the Lambda artifacts for ARCH (arm64 or x86_64)
	ARCH=$(ARCH) tools/build.sh

deploy: ## deploy template.yaml to AWS with the credentials of the environment (ARGS for sam deploy)
	@tools/install.sh sam cargo-lambda
	@sam="$$(tools/install.sh --path sam)" lambda="$$(tools/install.sh --path cargo-lambda)"; \
	export PATH="$$sam:$$lambda:$$PATH" SAM_CLI_TELEMETRY=0; \
	sam build && sam deploy $(ARGS)

deploy-local: ## deploy template.yaml to an AWS emulator on 127.0.0.1 and send events through it
	tools/deploy-local.sh $(ARGS)

watch: ## serve the functions with cargo-lambda and invoke them with every event of events/
	tools/watch.sh $(ARGS)

sam-local: ## invoke the functions in containers with every event of events/
	tools/sam-local.sh $(ARGS)

clean: ## remove what was built here (the tool cache stays)
	cargo clean
	rm -rf .aws-sam fuzz/target whiteout-data
