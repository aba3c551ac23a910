#!/usr/bin/env bash
# Fuzzes every target of fuzz/ for some seconds each and prints how many inputs it tried.
#
#   tools/fuzz.sh [SECONDS] [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.13.2
seconds=${1:-60}
shift || true
tools="${WHITEOUT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/whiteout}/tools/cargo-fuzz-$version"

if [[ ! -x $tools/bin/cargo-fuzz ]]; then
  cargo install --quiet --locked --root "$tools" --version "$version" cargo-fuzz
fi
# The sanitizer's flags are unstable ones; this lets a stable compiler take them.
export RUSTC_BOOTSTRAP=1
# Beside the workspace's, so that neither build throws the other's away.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/fuzz"

targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(sed -n 's|^path = "fuzz_targets/\(.*\)\.rs"|\1|p' fuzz/Cargo.toml)

for target in "${targets[@]}"; do
  corpus=fuzz/corpus/$target
  mkdir -p "$corpus"
  # The sample events are what a mutation of an event starts from.
  [[ $target == front_door ]] && cp events/collector/*.json "$corpus/"
  log=$(mktemp)
  if ! "$tools/bin/cargo-fuzz" run "$target" "$corpus" -- \
    -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=1024 -print_final_stats=1 >"$log" 2>&1; then
    tail -40 "$log" >&2
    exit 1
  fi
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "$target: $inputs inputs in $seconds s, nothing found"
  rm -f "$log"
done
