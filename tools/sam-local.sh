#!/usr/bin/env bash
# Runs every sample event, events/FUNCTION/*.json, through `sam local invoke`: the built function in Lambda's base image.
# It needs a running Docker engine. The image is pulled unless it is there already.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/local-aws.sh"

architecture=$(host_architecture)
image=public.ecr.aws/lambda/provided:al2023-$architecture
failures=0

at_exit() {
  local code=$?
  trap - EXIT
  stop_emulator
  exit "$code"
}

# Containers reach this machine at the bridge's address, the subnet's first; where Docker runs in a virtual machine,
# under a name.
find_addresses() {
  local subnet bridge
  subnet=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Subnet}}')
  bridge=$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_network(sys.argv[1])[1])' "$subnet")
  if free_port "$bridge" >/dev/null 2>&1; then
    listen_on=$bridge reach_at=$bridge
  else
    listen_on=127.0.0.1 reach_at=host.docker.internal
  fi
}

# What the functions are told of by the template, in the emulator.
create_streams() {
  local arns key queue
  arns=$(local_aws create whiteout-{raw,enriched}-{good,bad})
  key=$(local_aws secret whiteout-pseudonym-key)
  queue=$(local_aws queue whiteout-objects)
  local_aws deliveries whiteout-bad-event-class whiteout-usage-{data,metadata,errors}
  printf '{"Collector": {"STREAM_GOOD": "%s", "STREAM_BAD": "%s"},
    "Enricher": {"STREAM_GOOD": "%s", "STREAM_BAD": "%s"},
    "Pseudonymizer": {"KEY_SOURCE": "'"$key"'", "ENRICHED_GOOD_STREAMS": "whiteout-enriched-good",
      "ENRICHED_BAD_STREAMS": "whiteout-enriched-bad", "RAW_BAD_STREAMS": "whiteout-raw-bad", "SEAL_RECIPIENTS": ""},
    "BadEventClassifier": {"STREAM_OUT": "whiteout-bad-event-class"},
    "ObjectNotifier": {"ROUTES": "{\\"output/\\":[\\"'"$queue"'\\"],\\"bad_event/\\":[]}"},
    "ServicePing": {"KEY_SOURCE": "'"$key"'", "STREAM_USAGE_DATA": "whiteout-usage-data",
      "STREAM_METADATA": "whiteout-usage-metadata", "STREAM_ERRORS": "whiteout-usage-errors"}}\n' \
    $arns >"$work/variables.json"
}

# `sam local` sets only variables that the template names, so the built copy gets one more: where AWS is.
point_at_emulator() {
  local port=${AWS_ENDPOINT_URL##*:}
  awk -v url="http://$reach_at:$port" '{ print }
    /^ *Variables:$/ { match($0, /^ */); printf "%*s  AWS_ENDPOINT_URL: %s\n", RLENGTH, "", url }' \
    "$work/build/template.yaml" >"$work/build/local.yaml"
}

build() {
  say "building the functions for $architecture (the first build takes minutes)"
  quietly sam build --template template.yaml --build-dir "$work/build" \
    --parameter-overrides "Architecture=$architecture"
}

# events/bad-event-classifier belongs to the function BadEventClassifier.
logical_id() {
  awk -v RS=- '{ printf "%s%s", toupper(substr($0, 1, 1)), substr($0, 2) }' <<<"$1" | tr -d '\n'
}

# AWS_ENDPOINT_URL is for the function, not for sam itself.
invoke() {
  local function=$1 event=$2 pull=()
  docker image inspect "$image" >/dev/null 2>&1 && pull=(--skip-pull-image)
  env -u AWS_ENDPOINT_URL sam local invoke "$function" --config-file "$root/samconfig.toml" \
    --template "$work/build/local.yaml" --parameter-overrides "Architecture=$architecture" \
    --env-vars "$work/variables.json" --event "$event" ${pull[@]+"${pull[@]}"} >"$work/answer" 2>"$work/errors" || true
  local_aws answer "$event" "$work/answer" && return
  failures=$((failures + 1))
  tail -15 "$work/errors" >&2
}

main() {
  [[ $# == 0 ]] || { echo "usage: tools/sam-local.sh" >&2; exit 2; }
  command -v docker >/dev/null && docker info >/dev/null 2>&1 || fail "a running Docker engine is needed"
  command -v curl >/dev/null || fail "curl is needed"
  cd "$root"
  install_tools sam ministack cargo-lambda
  use_emulator_credentials
  trap at_exit EXIT
  trap 'exit 130' INT TERM
  make_work_folder
  find_addresses
  start_emulator "$listen_on"
  say "the AWS emulator listens on $AWS_ENDPOINT_URL; the functions reach it at $reach_at"
  create_streams
  build
  point_at_emulator

  local folder event
  for folder in events/*/; do
    say "$(logical_id "$(basename "$folder")")"
    for event in "$folder"*.json; do
      invoke "$(logical_id "$(basename "$folder")")" "$event"
    done
  done
  say "the records on whiteout-raw-good"
  local_aws read whiteout-raw-good
  say "the rows on whiteout-enriched-good"
  local_aws rows whiteout-enriched-good
  ((failures == 0)) || fail "$failures events were not answered as they should be"
}

main "$@"
