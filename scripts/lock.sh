#!/usr/bin/env bash
# Pin every package by hash, for all platforms, without naming an index:
# requirements.lock holds all, requirements-runtime.lock what the product runs with.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
  uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-header --annotation-style line "$@"
}
compile --group build --group test --group check --output-file requirements.lock "$@"
compile --group build --constraint requirements.lock --no-annotate \
  --output-file requirements-runtime.lock
