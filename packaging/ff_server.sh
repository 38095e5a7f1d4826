#!/usr/bin/env bash
# Installs the engine's server, for the tests with the label engine, into a folder:
#
#   packaging/ff_server.sh build/release/engine
#
# It takes the crate from the registry that cargo is configured to use, and builds it without optimization: about three
# minutes of one core, at low priority. Nothing is done if the program is there. Exits with 77, and says why, where cargo
# is missing or too old.
set -euo pipefail

release=0.15.0
min_cargo=1.85

if [ $# -ne 1 ]; then echo "usage: packaging/ff_server.sh FOLDER" >&2; exit 64; fi
folder=$1
if [ -x "$folder/bin/ff-server" ] && grep -qs "ff-server $release" "$folder/.crates.toml"; then
  echo "ff-server $release is in $folder/bin"
  exit 0
fi

command -v cargo >/dev/null || { echo "ff-server is not installed: there is no cargo"; exit 77; }
cargo=$(cargo --version | cut -d' ' -f2)
if [ "$(printf '%s\n' "$min_cargo" "$cargo" | sort -V | head -n 1)" != "$min_cargo" ]; then
  echo "ff-server is not installed: cargo is $cargo, and it needs $min_cargo"
  exit 77
fi

exec env CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 nice -n 15 timeout 30m \
  cargo install ff-server --version "$release" --locked --debug --root "$folder" -j 1
