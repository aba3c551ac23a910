#!/usr/bin/env bash
# Builds a function that panics the way cargo-lambda builds functions for AWS, and runs the test that
# expects an error report without the panic's text, and a process that serves the next event.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case $(uname -m) in
  x86_64) flag=--x86-64 ;;
  aarch64 | arm64) flag=--arm64 ;;
  *) echo "tools/unwind.sh: Lambda has no $(uname -m)" >&2 && exit 1 ;;
esac

tools/install.sh cargo-lambda
PATH="$(tools/install.sh --path cargo-lambda):$PATH" \
  cargo lambda build --release "$flag" --package collector --example panics

target=${CARGO_TARGET_DIR:-$PWD/target}
PANICS_BIN="$target/lambda/panics/bootstrap" \
  cargo test --package pipeline-tests -- --exact lambda::a_panic_is_an_error_without_its_text_and_the_next_event_is_served
