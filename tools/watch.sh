#!/usr/bin/env bash
# Serves the functions with `cargo lambda watch` beside an AWS emulator and invokes each with its sample events.
#
#   tools/watch.sh          builds, invokes every function with every event of events/, checks the answers, and ends
#   tools/watch.sh --keep   the same, but leaves both running and says how to reach and stop them
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/local-aws.sh"

keep=false
watch_pid=
failures=0
# The first invocation starts the function, through cargo.
seconds_to_answer=300

usage() {
  echo "usage: tools/watch.sh [--keep]" >&2
  exit 2
}

# cargo-lambda starts functions as its children, so all of them are ended with its group.
stop_watch() {
  [[ -z $watch_pid ]] && return
  kill -- "-$watch_pid" 2>/dev/null || true
  wait "$watch_pid" 2>/dev/null || true
}

at_exit() {
  local code=$?
  trap - EXIT
  if ((code == 0)) && $keep; then
    say "both stay: cargo lambda invoke --invoke-port $port FUNCTION --data-file EVENT, AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL"
    say "stop them with: kill -- -$watch_pid $emulator_pid && rm -r $work"
  else
    stop_watch
    stop_emulator
  fi
  exit "$code"
}

# What the functions' Cargo.toml name, in the emulator.
create_resources() {
  quietly local_aws create whiteout-{raw,enriched}-{good,bad}
  quietly local_aws secret whiteout-pseudonym-key
  quietly local_aws queue whiteout-good-objects
  quietly local_aws queue whiteout-bad-objects
  quietly local_aws deliveries whiteout-bad-event-class whiteout-usage-{data,metadata,errors}
}

# Job control gives the background job a group of its own.
start_watch() {
  port=$(free_port 127.0.0.1)
  set -m
  cargo lambda watch --ignore-changes --invoke-address 127.0.0.1 --invoke-port "$port" \
    </dev/null >"$work/watch.log" 2>&1 &
  watch_pid=$!
  set +m
  for _ in $(seq 120); do
    curl -sS -o /dev/null --max-time 2 "http://127.0.0.1:$port/" 2>/dev/null && return
    kill -0 "$watch_pid" 2>/dev/null || break
    sleep 0.25
  done
  tail -20 "$work/watch.log" >&2
  fail "cargo lambda watch did not start on port $port"
}

invoke() {
  local function=$1 event=$2
  timeout "$seconds_to_answer" cargo lambda invoke --invoke-address 127.0.0.1 --invoke-port "$port" "$function" \
    --data-file "$event" >"$work/answer" 2>"$work/errors" || true
  local_aws answer "$event" "$work/answer" && return
  failures=$((failures + 1))
  tail -5 "$work/errors" >&2
}

main() {
  case ${1-} in
    '') ;;
    --keep) keep=true ;;
    *) usage ;;
  esac
  local folder event function programs=()
  command -v curl >/dev/null || fail "curl is needed"
  cd "$root"
  install_tools ministack cargo-lambda
  use_emulator_credentials
  trap at_exit EXIT
  trap 'exit 130' INT TERM
  make_work_folder
  start_emulator 127.0.0.1
  say "the AWS emulator listens on $AWS_ENDPOINT_URL"
  create_resources
  say "building the functions for this machine (the first build takes minutes)"
  # The choice of cargo-lambda, so that it finds everything built: each program by its name.
  for folder in functions/*/; do
    programs+=("--bin=$(basename "$folder")")
  done
  cargo build --quiet "${programs[@]}"
  start_watch

  for folder in events/*/; do
    function=$(basename "$folder")
    for event in "$folder"*.json; do
      say "cargo lambda invoke $function --data-file $event"
      invoke "$function" "$event"
    done
  done
  say "the records on whiteout-raw-good"
  local_aws read whiteout-raw-good
  say "the rows on whiteout-enriched-good"
  local_aws rows whiteout-enriched-good
  ((failures == 0)) || fail "$failures events were not answered as they should be"
  say "every function answered every sample event as it should"
}

main "$@"
