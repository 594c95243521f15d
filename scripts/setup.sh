#!/usr/bin/env bash
# Make .venv from the lock, or see at once that it is there: scripts/setup.sh runtime|dev
#
# A stamp inside .venv remembers what was installed, so a second start needs
# neither network nor time. uv is used when present, else pip.
set -euo pipefail
cd "$(dirname "$0")/.."

want=${1:-runtime}
case $want in
  runtime) lock=requirements-runtime.lock ;;
  dev) lock=requirements.lock ;;
  *) echo "usage: scripts/setup.sh runtime|dev" >&2; exit 2 ;;
esac

fail() { echo "hearhear: $*" >&2; exit 1; }

# requirements.lock holds all that the runtime lock holds, at the same versions.
stamp=.venv/.hearhear-stamp
state=$(cat pyproject.toml requirements*.lock | cksum | cut -d' ' -f1)
is_ready() {
  [ -x .venv/bin/hearhear ] &&
    grep -qxF -e "$want $state $PWD" -e "dev $state $PWD" "$stamp" 2>/dev/null
}
is_ready && exit 0

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if is_new_enough "$candidate"; then echo "$candidate"; return; fi
  done
  fail "needs Python 3.11 or newer, found $("${PYTHON:-python3}" --version 2>/dev/null || echo none):" \
    "install one, or name it: make PYTHON=/path/to/python3.11 …"
}

# Each way is two commands: packages by hash, then this checkout itself, built by
# the pinned hatchling, so nothing that is not in the lock is fetched.
if command -v uv >/dev/null; then
  make_venv() { uv venv --quiet --clear --python "$1" .venv; }
  install() { uv pip install --quiet --python .venv/bin/python "$@"; }
  can_install() { is_new_enough .venv/bin/python; }
else
  make_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
      fail "$1 lacks the venv module: install it (Debian, Ubuntu: apt-get install python3-venv)"
    "$1" -m venv --clear .venv
  }
  install() { .venv/bin/python -m pip install -qq --no-compile --disable-pip-version-check "$@"; }
  can_install() { is_new_enough .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null; }
fi

if ! can_install; then
  python=$(find_python)
  make_venv "$python" || fail "could not make .venv with $python: see the lines above"
fi
echo "hearhear: installing $lock into .venv (once)" >&2
install --require-hashes -r "$lock" ||
  fail "could not install $lock: is the package index within reach? then run the same command again"
install --no-build-isolation --no-deps --editable . ||
  fail "could not install this checkout into .venv: see the lines above"
echo "$want $state $PWD" > "$stamp"
