#!/usr/bin/env bash
# As root on Debian, install the servers and the browser that the tests use and miss.
#
# Nothing is started: the tests run throw-away servers of their own on free ports.
# Anywhere else, and without a network, this does nothing: the tests that need a
# missing program are skipped, and say so.
set -euo pipefail

missing=()
has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
has mariadbd || missing+=(mariadb-server)
has rabbitmq-server || missing+=(rabbitmq-server)
has chromium || missing+=(chromium)

[ ${#missing[@]} -gt 0 ] || exit 0
[ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null || exit 0

echo "hearhear: the tests use ${missing[*]}: installing with apt-get, starting no service" >&2
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy" # 101: the package scripts may start nothing
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get -qq update && apt-get -qq install --yes --no-install-recommends "${missing[@]}"; } \
  > /dev/null || echo "hearhear: apt-get could not install ${missing[*]}: their tests are skipped" >&2
