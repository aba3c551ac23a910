#!/usr/bin/env bash
# Deploys template.yaml, unchanged, to an AWS emulator on this machine and sends events through it.
#
#   tools/deploy-local.sh          builds, deploys, sends, reads back, and ends what it started
#   tools/deploy-local.sh --keep   the same, but leaves the emulator running and says how to reach and stop it
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/local-aws.sh"

stack=whiteout
balanced=whiteout-alb
keep=false

usage() {
  echo "usage: tools/deploy-local.sh [--keep]" >&2
  exit 2
}

at_exit() {
  local code=$?
  trap - EXIT
  if ((code == 0)) && $keep; then
    say "the emulator stays: AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL; stop it with: kill $emulator_pid && rm -r $work"
  else
    ((code == 0)) || show_emulator_log
    stop_emulator
  fi
  exit "$code"
}

deploy() {
  local architecture
  architecture=$(host_architecture)
  say "building the functions for $architecture (the first build takes minutes)"
  quietly sam build --template template.yaml --build-dir "$work/build" \
    --parameter-overrides "Architecture=$architecture"
  say "deploying template.yaml as the stack '$stack'"
  quietly deploy_as "$stack"
}

# deploy_as STACK [PARAMETER=VALUE...]: what was built. The emulator has no alarms that compute.
deploy_as() {
  local name=$1
  shift
  sam deploy --config-file "$root/samconfig.toml" --template "$work/build/template.yaml" \
    --stack-name "$name" --no-confirm-changeset \
    --parameter-overrides "Architecture=$(host_architecture)" RatioAlarms=off "$@"
}

# The name in the URL needs no name service: every connection goes to the emulator.
request() {
  local answer
  answer=$(curl -sS --max-time 30 --connect-to "::${AWS_ENDPOINT_URL#http://}" -o "$work/body" \
    -w '%{http_code} %{content_type}' "$@") || fail "the collector cannot be reached"
  [[ $answer == "${accepted:-200} "* ]] || fail "the answer is $answer: $(head -c 500 "$work/body")"
  echo "    $answer"
}

send() {
  local url=$1
  say "GET $url/i"
  request "$url/i?e=pv&p=web&tv=deploy-local&url=https%3A%2F%2Fshop.example%2F&eid=$pixel"
  say "POST $url/com.snowplowanalytics.snowplow/tp2"
  request "$url/com.snowplowanalytics.snowplow/tp2" -H 'Content-Type: application/json; charset=UTF-8' -d '{
    "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
    "data": [{"e": "pv", "p": "web", "tv": "deploy-local", "url": "https://shop.example/", "eid": "'"$post"'", "uid": "'"$person"'"},
      {"e": "se", "p": "web", "tv": "deploy-local", "se_ca": "shop", "se_ac": "look", "eid": "'"$second"'", "page": "'"$person"'"}]}'
}

ping() {
  local url=$1
  say "POST $url/usage_data"
  accepted=201 request "$url/usage_data" -H 'Content-Type: application/json' -d '{"uuid": "'"$instance"'",
    "recorded_at": "2026-01-02T03:04:05.678Z", "hostname": "gitlab.example", "licensee": {"Email": "'"$person"'"},
    "counts": {"issues": 7}}'
}

# invoke_samples NAME FUNCTION: what the emulator cannot bring about is handed to the deployed function as it is. Its
# HTTP API has no cookies list, no payload format 1.0 and no way for OPTIONS to reach a function, it has no load
# balancer, and no collector writes a broken payload.
invoke_samples() {
  say "the sample events of the $1, given to the deployed function directly"
  local_aws invoke "$2" "events/$1"/*.json
}

# The sums of a thousand events; see there what else is sent.
send_thousand() {
  say "1,000 events of Snowplow's Python tracker, events and requests that are bad, noise, and what became of all"
  "$(tools/install.sh --path ministack)/python" tools/lib/sums.py "$stack" "$(tools/install.sh --path tracker)/python" ||
    fail "what was sent is not what arrived"
}

# The same template behind a load balancer, in the emulator's own network, with enrichments out of a bucket.
load_balancer() {
  local network url enriched
  say "a load balancer without a network, which has to be refused"
  ! deploy_as "$balanced" FrontDoor=Alb AlbPlainHttp=on >"$work/command.log" 2>&1 || fail "it was not refused"
  grep -o 'FrontDoor Alb needs [A-Za-z]*' "$work/command.log" | sort -u | sed 's/^/    /' | grep . ||
    fail "it was refused for another reason: $(tail -5 "$work/command.log")"
  network=$(local_aws network default)
  say "deploying template.yaml behind a load balancer as the stack '$balanced'"
  say "the configurations of its enrichments"
  local_aws enrichments "$balanced-enrichments" etl/enrichments
  # The words are two parameters.
  # shellcheck disable=SC2086
  quietly deploy_as "$balanced" FrontDoor=Alb AlbPlainHttp=on $network \
    EnrichmentsBucket="$balanced-enrichments" EnrichmentsPrefix=etl/enrichments
  local_aws register "$balanced"
  # So that this pseudonymizer has its key as well, before the emulator is busy with waiting for it.
  sed "s/$stack-enriched/$balanced-enriched/" events/pseudonymizer/enriched-good-page-view.json >"$work/sample.json"
  local_aws invoke "$(local_aws output "$balanced" PseudonymizerFunction)" "$work/sample.json"
  url=$(local_aws output "$balanced" CollectorUrl)
  pixel=$(uuid) post=$(uuid) second=$(uuid) instance=$(uuid)
  send "$url"
  say "the records on $(local_aws output "$balanced" RawGoodStream)"
  local_aws read "$(local_aws output "$balanced" RawGoodStream)" --until "$pixel" --until "$post" --until "$second"
  enriched=$(uuid)
  say "GET $url/i of a visitor who comes from a search"
  request "$url/i?e=pv&p=web&tv=deploy-local&eid=$enriched&ip=203.0.113.7&url=https%3A%2F%2Fshop.example%2F%3Futm_source%3Dletter&refr=https%3A%2F%2Fsearch.example%2F%3Fq%3Dgreen%2520shoes" \
    -A 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
  say "what the enrichments made of it: the address, the referrer, the campaign, the browser"
  local_aws cells "$(local_aws output "$balanced" EnrichedGoodStream)" "$enriched" 13=203.0.113.x 44=search \
    45=Example '46=green shoes' 48=letter '122="useragentFamily":"Chrome"' || fail "the event is not enriched"
  ping "$url"
  local_aws objects "$(local_aws output "$balanced" ObjectBucket)" service_ping/usage_data/ --of "$instance" \
    --without "$person" || fail "the load balancer's Service Ping was not delivered as it should be"
}

# Each function with nothing but what its Cargo.toml says, and one of the stack, which has to keep all that it has.
deploy_alone() {
  local role=arn:aws:iam::000000000000:role/nobody built=${CARGO_TARGET_DIR:-target}/lambda function
  say "cargo lambda deploy, each function alone"
  for function in functions/*/; do
    function=$(basename "$function")
    quietly cargo lambda deploy --lambda-dir "$built" --endpoint-url "$AWS_ENDPOINT_URL" --iam-role "$role" "$function"
    local_aws configured "$function" "functions/$function/Cargo.toml" || fail "it is not as its Cargo.toml says"
  done
  say "cargo lambda deploy $stack-enricher, which gets new code only"
  local_aws configuration "$stack-enricher" >"$work/before"
  quietly cargo lambda deploy --binary-path "$built/enricher/bootstrap" --endpoint-url "$AWS_ENDPOINT_URL" \
    "$stack-enricher"
  local_aws configuration "$stack-enricher" >"$work/after"
  diff "$work/before" "$work/after" || fail "the function has not kept what the stack gave it"
  sed 's/^/    /' "$work/after"
}

uuid() {
  python3 -c 'import uuid; print(uuid.uuid4())'
}

main() {
  case ${1-} in
    '') ;;
    --keep) keep=true ;;
    *) usage ;;
  esac
  [[ $(uname -s) == Linux ]] || fail "this needs Linux: the emulator runs the functions as processes of this machine"
  command -v curl >/dev/null || fail "curl is needed"
  cd "$root"
  install_tools sam ministack tracker cargo-lambda
  use_emulator_credentials
  trap at_exit EXIT
  trap 'exit 130' INT TERM
  make_work_folder
  start_emulator 127.0.0.1
  say "the AWS emulator listens on $AWS_ENDPOINT_URL"
  deploy

  local url good bad rows failed bucket pixel post second person instance
  url=$(local_aws output "$stack" CollectorUrl)
  good=$(local_aws output "$stack" RawGoodStream)
  bad=$(local_aws output "$stack" RawBadStream)
  rows=$(local_aws output "$stack" EnrichedGoodStream)
  failed=$(local_aws output "$stack" EnrichedBadStream)
  bucket=$(local_aws output "$stack" ObjectBucket)
  pixel=$(uuid)
  post=$(uuid)
  second=$(uuid)
  instance=$(uuid)
  # Stands for what nobody may see: it is sent, and must be in no object.
  person=alex.$(uuid)@shop.example
  # Also so that it has its key: while the emulator waits for a transformation, it answers nobody, not even that.
  invoke_samples pseudonymizer "$(local_aws output "$stack" PseudonymizerFunction)"
  send "$url"
  say "the records on $good"
  local_aws read "$good" --until "$pixel" --until "$post" --until "$second"
  say "the rows that the enricher made of them, on $rows"
  local_aws rows "$rows" --of "$pixel" --of "$post" --of "$second" || {
    local_aws empty "$failed" || true
    fail "the rows did not arrive"
  }
  local_aws empty "$failed" || fail "not everything that was sent became a row: see the records on $failed above"
  invoke_samples collector "$(local_aws output "$stack" CollectorFunction)"
  local_aws empty "$bad" || fail "not everything that was sent is good: see the records on $bad above"
  invoke_samples enricher "$(local_aws output "$stack" EnricherFunction)"
  say "the bad events that were made of the broken ones among them, on $failed"
  local_aws read "$failed" --until collector_payload_format_violation --until schema_violations
  say "the objects below output/ of $bucket: what may be seen of the rows"
  local_aws objects "$bucket" output/ --of "$pixel" --of "$post" --of "$second" --without "$person" \
    --without shop.example || fail "the rows were not delivered as they should be"
  say "the objects below enriched_bad_event/"
  local_aws objects "$bucket" enriched_bad_event/ --of collector_payload_format_violation --of schema_violations \
    --without "$person" || fail "the bad events were not delivered as they should be"
  say "the messages that tell a warehouse's pipes of them"
  local_aws messages "$(local_aws output "$stack" GoodObjects)" --of output/ || fail "no pipe is told of rows"
  local_aws messages "$(local_aws output "$stack" BadObjects)" --of enriched_bad_event/ ||
    fail "no pipe is told of bad events"
  say "the classes of the bad events"
  local_aws objects "$bucket" bad_event_class/ --of '"family"' --without "$person" || fail "no bad event was classified"
  ping "$url"
  say "the objects below service_ping/"
  local_aws objects "$bucket" service_ping/usage_data/ --of "$instance" --without "$person" ||
    fail "the Service Ping was not delivered as it should be"
  send_thousand
  invoke_samples object-notifier "$(local_aws output "$stack" ObjectNotifierFunction)"
  invoke_samples bad-event-classifier "$(local_aws output "$stack" BadEventClassifierFunction)"
  invoke_samples service-ping "$(local_aws output "$stack" ServicePingFunction)"
  load_balancer
  deploy_alone
  say "all events arrived on $good and are rows on $rows and objects in $bucket that a warehouse was told of, every sample event was answered as it should be"
}

main "$@"
