# What tests in a browser need: sourced by tests/trackers/run and tests/page/run, which set $here first.
# Leaves WHITEOUT_BIN and CHROMIUM with absolute paths, and installs packages into a cache outside the repository.

fail() { printf 'FAILED  set-up: %s\n0 passed, 1 failed\n' "$*"; exit 1; }

find_programs() {
  [ -n "${WHITEOUT_BIN:-}" ] || fail "set WHITEOUT_BIN to the whiteout binary, for example: WHITEOUT_BIN=target/release/whiteout $0"
  [ -x "$WHITEOUT_BIN" ] || fail "WHITEOUT_BIN=$WHITEOUT_BIN is not an executable file; build it first"
  WHITEOUT_BIN=$(cd "$(dirname "$WHITEOUT_BIN")" && pwd)/$(basename "$WHITEOUT_BIN")

  node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 11) ? 0 : 1)' 2>/dev/null \
    || fail "Node.js 20.11 or newer is needed: install the package nodejs"
  command -v npm >/dev/null || fail "npm is needed: install the package npm"

  if [ -z "${CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome; do
      if CHROMIUM=$(command -v "$name"); then break; fi
    done
  fi
  [ -n "${CHROMIUM:-}" ] || fail "no Chromium found: install the package chromium (Debian), chromium-browser (Ubuntu) or google-chrome, or set CHROMIUM to the browser's path"
  [ -x "$CHROMIUM" ] || fail "CHROMIUM=$CHROMIUM is not an executable file: install the package chromium, or correct the path"

  export WHITEOUT_BIN CHROMIUM
}

# The folder of packages NAME that belong to these files. It is complete when its marker exists, which is written last.
cache_of() {
  local name=$1 lock
  shift
  lock=$({ cat "$@"; node --version; } | cksum | tr ' ' '-')
  echo "${WHITEOUT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/whiteout}/$name-$lock"
}

install_packages() {
  local cache=$1
  echo "installing what the tests need into $cache" >&2
  rm -rf "$cache"
  mkdir -p "$cache"
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  (cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || fail "npm could not install the packages"
}

forget_proxies() {
  unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
}
