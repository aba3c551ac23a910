#!/usr/bin/env bash
# Installs the tools that build, check and deploy Whiteout, at pinned versions, into a cache; never into the system.
#
#   tools/install.sh NAME...       installs what is not there yet; silent when there is nothing to do
#   tools/install.sh --path NAME   prints the folder of NAME's executables
#
# A tool is a file tools/requirements/NAME.txt: the tool itself on its first line, then everything it needs.
# The cache is WHITEOUT_CACHE, else XDG_CACHE_HOME/whiteout, else ~/.cache/whiteout.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools="${WHITEOUT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/whiteout}/tools"

fail() {
  echo "tools/install.sh: $*" >&2
  exit 1
}

names() {
  (cd "$here/requirements" && printf '%s\n' *.txt | sed 's/\.txt$//' | paste -sd ' ' -)
}

usage() {
  echo "usage: tools/install.sh NAME... | --path NAME    (NAME is one of: $(names))" >&2
  exit 2
}

requirements_of() {
  [[ $1 =~ ^[a-z-]+$ && -f $here/requirements/$1.txt ]] || {
    echo "tools/install.sh: no tool is called '$1'" >&2
    usage
  }
  echo "$here/requirements/$1.txt"
}

# The version stands on the first line, after "==".
folder_of() {
  local requirements version
  requirements=$(requirements_of "$1") || exit
  version=$(head -1 "$requirements" | sed 's/.*==//')
  echo "$tools/$1-$version"
}

need_python() {
  command -v python3 >/dev/null ||
    fail "python3 is needed (3.11 or newer, with its venv module)"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "python3 3.11 or newer is needed; this one is $(python3 --version)"
  python3 -c 'import ensurepip, venv' 2>/dev/null ||
    fail "python3's venv module is missing (on Debian and Ubuntu it is the package python3-venv)"
}

# The marker is written last and holds the requirements, so a half-done or outdated folder is made again.
is_installed() {
  cmp -s "$1/.installed" "$2"
}

install_into() {
  local folder=$1 requirements=$2 log=$1.log
  rm -rf "$folder"
  # The file lists everything, hence --no-deps; pip check proves that it does.
  if ! { python3 -m venv "$folder" &&
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" &&
    "$folder/bin/python" -m pip check --disable-pip-version-check; } >"$log" 2>&1; then
    tail -20 "$log" >&2
    fail "could not install $(basename "$folder") (the whole log: $log)"
  fi
  rm -f "$log"
  cp "$requirements" "$folder/.installed"
}

# One installer at a time: the lock belongs to file descriptor 9 and ends with this shell.
# (Python takes it, because not every system has a flock command.)
install() {
  local folder requirements
  requirements=$(requirements_of "$1") || exit
  folder=$(folder_of "$1")
  is_installed "$folder" "$requirements" && return
  need_python
  mkdir -p "$tools"
  (
    exec 9>"$folder.lock"
    python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    is_installed "$folder" "$requirements" || install_into "$folder" "$requirements"
  )
}

case ${1-} in
  --path)
    [[ $# == 2 ]] || usage
    folder=$(folder_of "$2")
    echo "$folder/bin"
    ;;
  '' | -*) usage ;;
  *) for name in "$@"; do install "$name"; done ;;
esac
