#!/usr/bin/env bash
# Install a wheel into an empty environment, ask its demo for a page from another
# directory, interrupt it, and see that no process is left: scripts/try-wheel.sh FILE.whl
set -euo pipefail

wheel=$(realpath "$1")
lock=$(realpath "$(dirname "$0")/../requirements-runtime.lock")
work=$(mktemp -d)
demo=
finish() {
  [ -z "$demo" ] || kill -KILL -- "-$demo" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "try-wheel: $*" >&2; tail -n 20 "$work"/demo.* >&2; exit 1; }

${PYTHON:-python3} -m venv "$work/venv"
pip() { "$work/venv/bin/python" -m pip -qq --disable-pip-version-check install --no-compile "$@"; }
pip --require-hashes -r "$lock"
pip --no-deps "$wheel"
cd "$work"                                   # away from the checkout, whose packages lie open
"$work/venv/bin/python" - <<'IMPORTABLE' || fail "the wheel should offer hearhear_django, and no gateway"
from importlib.util import find_spec

assert find_spec("hearhear_django") and not find_spec("gateway")
IMPORTABLE

setsid env PYTHONSAFEPATH= venv/bin/hearhear demo --people 20 > demo.out 2> demo.err &
demo=$!                                      # setsid: its own process group has this number
is_left() { kill -0 -- "-$demo" 2>/dev/null; }

link=
for _ in $(seq 600); do
  link=$(grep -oE 'https?://[^ #]+' demo.out | head -n 1 || true)
  [ -z "$link" ] || break
  is_left || fail "the demo ended before it printed a link"
  sleep 0.1
done
[ -n "$link" ] || fail "the demo printed no link within 60 s"
venv/bin/python - "$link" <<'PAGE' || fail "no page at $link"
import sys
from urllib.request import urlopen

with urlopen(sys.argv[1], timeout=10) as answer:
    page = answer.read().decode()
assert answer.status == 200 and "<html" in page.lower(), page[:200]
PAGE

kill -INT "$demo"
for _ in $(seq 100); do
  is_left || { demo=; echo "try-wheel: a page came from $link, and no process is left"; exit 0; }
  sleep 0.1
done
fail "10 s after SIGINT a process is left"
