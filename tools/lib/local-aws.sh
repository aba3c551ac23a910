# Sourced by the local harnesses: one AWS emulator, its credentials, and its end.
# It sets `work`, a folder that goes away with the emulator. Needs bash with `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=
emulator_pid=

say() {
  echo "==> $*"
}

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Runs a command quietly; its output is shown only when it fails.
quietly() {
  local log=$work/command.log
  "$@" >"$log" 2>&1 || {
    tail -40 "$log" >&2
    fail "this failed: $*"
  }
}

host_architecture() {
  case $(uname -m) in
    x86_64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "there are no Lambda functions for this processor, $(uname -m)" ;;
  esac
}

# Nothing of a real account can be reached from here on.
use_emulator_credentials() {
  unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
  export AWS_ACCESS_KEY_ID=emulator AWS_SECRET_ACCESS_KEY=emulator
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export SAM_CLI_TELEMETRY=0
}

# install_tools NAME...: their executables come first on PATH.
install_tools() {
  local name
  "$root/tools/install.sh" "$@"
  for name in "$@"; do
    PATH="$("$root/tools/install.sh" --path "$name"):$PATH"
  done
}

# The first interpreter with an AWS client: the emulator's own.
local_aws() {
  "$("$root/tools/install.sh" --path ministack)/python" "$root/tools/lib/local_aws.py" "$@"
}

free_port() {
  python3 -c 'import socket, sys; s = socket.socket(); s.bind((sys.argv[1], 0)); print(s.getsockname()[1])' "$1"
}

make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/whiteout.XXXXXX")
}

# start_emulator ADDRESS: listens on that address only, and gives functions nothing of this shell's environment.
start_emulator() {
  local address=$1 port
  port=$(free_port "$address")
  export AWS_ENDPOINT_URL=http://$address:$port
  mkdir -p "$work/emulator"
  env -i PATH="$PATH" HOME="$work/emulator" TMPDIR="$work/emulator" \
    BIND_HOST="$address" GATEWAY_PORT="$port" AWS_ENDPOINT_URL="$AWS_ENDPOINT_URL" LAMBDA_EXECUTOR=local \
    "$("$root/tools/install.sh" --path ministack)/ministack" </dev/null >"$work/emulator.log" 2>&1 &
  emulator_pid=$!
  for _ in $(seq 120); do
    curl -fsS -o /dev/null --max-time 2 "$AWS_ENDPOINT_URL/_ministack/health" 2>/dev/null && return
    kill -0 "$emulator_pid" 2>/dev/null || break
    sleep 0.25
  done
  fail "the AWS emulator did not start on $AWS_ENDPOINT_URL"
}

# What it wrote after its greeting.
show_emulator_log() {
  [[ -n $work && -f $work/emulator.log ]] || return 0
  sed '1,/Running on/d' "$work/emulator.log" | tail -20 >&2
}

# While it waits for a function it ends for nobody who asks.
stop_emulator() {
  if [[ -n $emulator_pid ]]; then
    kill "$emulator_pid" 2>/dev/null || true
    for _ in $(seq 20); do
      kill -0 "$emulator_pid" 2>/dev/null || break
      sleep 0.25
    done
    kill -9 "$emulator_pid" 2>/dev/null || true
    wait "$emulator_pid" 2>/dev/null || true
    emulator_pid=
  fi
  [[ -z $work ]] || rm -rf "$work"
}
