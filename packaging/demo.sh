#!/usr/bin/env bash
# Installs what is missing, builds, and shows the bundled scanners at work over a realistic workload on a
# private server. Options go to the demo: --duration 30s, --size 50000, --json, --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

# Only the demo writes to standard output, so that --json gives one object there.
{
  install_packages
  build_preset release -DSCANHOST_TESTS=OFF -- scanhost scanhost-demo bundled_scanners
  say "Running the demo"
} >&2
exec build/release/bin/scanhost demo "$@"
