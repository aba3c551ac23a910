#!/usr/bin/env bash
# Builds the Lambda artifacts of all functions: target/lambda/NAME/bootstrap for every crate under functions/.
#
#   ARCH=arm64|x86_64 tools/build.sh     (default: arm64, what template.yaml deploys by default)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arch=${ARCH:-arm64}

fail() {
  echo "tools/build.sh: $*" >&2
  exit 1
}

case $arch in
  arm64) target=aarch64-unknown-linux-gnu flag=--arm64 ;;
  x86_64) target=x86_64-unknown-linux-gnu flag=--x86-64 ;;
  *) fail "ARCH is '$arch'; it must be arm64 or x86_64" ;;
esac

# The standard library of the target comes from rustup; a toolchain without rustup brings its own or does not.
need_target() {
  command -v cargo >/dev/null || fail "cargo is needed (Rust 1.94.1 or newer)"
  [[ -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]] && return
  command -v rustup >/dev/null && rustup target add "$target" >&2 && return
  fail "this toolchain has no standard library for $target.
  Install it with 'rustup target add $target', or build for the other architecture: ARCH=x86_64 tools/build.sh"
}

cd "$here/.."
need_target
packages=()
for manifest in functions/*/Cargo.toml; do
  [[ -f $manifest ]] || fail "there is no crate under functions/"
  packages+=("$(basename "$(dirname "$manifest")")")
done

# cargo-lambda finds its cross compiler beside itself; it links against a glibc older than the Lambda runtime's.
tools/install.sh cargo-lambda
PATH="$(tools/install.sh --path cargo-lambda):$PATH"
cargo lambda build --release "$flag" --bins "${packages[@]/#/--package=}"

for package in "${packages[@]}"; do
  echo "$arch: ${CARGO_TARGET_DIR:-target}/lambda/$package/bootstrap"
done
