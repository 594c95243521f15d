#!/bin/sh
# Make vendor/preact.js again: Preact, its hooks, signals and htm as one ES module; vendor/hls.js,
# which only talks with an HLS stream load; and vendor/uplot.js with its css, for insight.
# Needs npm, once, on the machine of whoever updates it; contributors and servers need no Node.
# Usage: gateway/web/vendor/revendor.sh
set -eu

PREACT=11.2.0
SIGNALS=2.11.4
HTM=3.1.1
HLS=1.7.4
UPLOT=1.6.32
ESBUILD=0.28.2
TERSER=5.51.4

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --no-package-lock --no-audit --no-fund --ignore-scripts \
    "preact@$PREACT" "@preact/signals@$SIGNALS" "htm@$HTM" "hls.js@$HLS" "uplot@$UPLOT" "esbuild@$ESBUILD" "terser@$TERSER"

cat >entry.js <<'JS'
import { h } from "preact";
import htm from "htm";

export { render, Component } from "preact";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal } from "@preact/signals";
export const html = htm.bind(h);
JS

signals_core=$(node -p 'require("./node_modules/@preact/signals-core/package.json").version')
node_modules/.bin/esbuild entry.js --bundle --minify --format=esm --target=es2022 --legal-comments=none \
    --banner:js="/* preact $PREACT, @preact/signals $SIGNALS with core $signals_core, htm $HTM: see LICENSES.txt. */" \
    --outfile=preact.js
node_modules/.bin/terser preact.js --module --compress passes=3 --mangle --comments '/^ preact/' --output "$here/preact.js"

echo 'export { default as Hls } from "hls.js/light";' >stream.js
node_modules/.bin/esbuild stream.js --bundle --minify --format=esm --target=es2022 --legal-comments=none \
    --banner:js="/* hls.js $HLS, light (Apache-2.0). Licence: LICENSES.txt. Made by revendor.sh. */" \
    --outfile="$here/hls.js"

mark="/* uPlot $UPLOT (MIT). Licence: LICENSES.txt. Made by revendor.sh. */"
echo 'export { default } from "uplot";' >plot.js
node_modules/.bin/esbuild plot.js --bundle --minify --format=esm --target=es2022 --legal-comments=none \
    --banner:js="$mark" --outfile="$here/uplot.js"
{ echo "$mark"; cat node_modules/uplot/dist/uPlot.min.css; } >"$here/uplot.css"

{
    for package in preact @preact/signals @preact/signals-core htm hls.js uplot; do
        printf '==== %s ====\n\n' "$package"
        cat "node_modules/$package/LICENSE"
        printf '\n'
    done
} >"$here/LICENSES.txt"
