# Sourced by demo.sh, test.sh and tidy.sh: installs what is missing, by package name. Made for Debian 12.

# The host refuses plugins that others may write to.
umask 022

say() { printf '\n== %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Whether it is installed or apt has it. Of a package that others only refer to, apt-cache shows nothing, and exits with 0.
is_known() { is_installed "$1" || [ -n "$(apt-cache show "$1" 2>/dev/null)" ]; }

# Boost from 1.81: libboost1.81-dev where it exists (Debian 12), else the distribution's own.
boost_package() {
  if is_known libboost1.81-dev; then
    echo libboost1.81-dev
  else
    echo libboost-dev
  fi
}

# A server that is installed here is for private use: its service is not started.
install_without_services() {
  local policy=/usr/sbin/policy-rc.d created=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    created=yes
  fi
  local code=0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" || code=$?
  if [ "$created" = yes ]; then as_root rm -f "$policy"; fi
  return "$code"
}

install_missing() {
  local missing=() package
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  if [ "${#missing[@]}" -eq 0 ]; then
    say "All packages are installed"
    return
  fi
  say "Installing ${missing[*]}"
  install_without_services "${missing[@]}"
}

# valkey-server where apt has it (Debian 13, Debian 12 with backports): then the tests play everything on it, and the
# contract on redis-server too.
test_servers() {
  echo redis-server
  if is_known valkey-server; then echo valkey-server; fi
}

# The browser of the page's tests. Ubuntu has it as a snap only, which apt does not install in a root without a session:
# there the tests are skipped.
page_browser() {
  if is_known chromium; then echo chromium; fi
}

# axe-core, whose rules a test of the page checks, into a folder. It is on npm only, and npm is not installed for it.
install_axe() {
  if [ -e "$1/node_modules/axe-core/axe.min.js" ]; then return; fi
  if ! command -v npm >/dev/null; then
    say "npm is not installed: the page is not checked with axe-core"
    return
  fi
  say "Installing axe-core into $1"
  mkdir -p "$1"
  timeout 120 npm install --prefix "$1" --no-save --no-package-lock --no-audit --no-fund axe-core@4 ||
    say "axe-core could not be installed: the page is not checked with it"
}

# What building and the demo need, then what the caller adds.
install_packages() {
  command -v apt-get >/dev/null || { echo "This script needs apt-get; it is made for Debian 12" >&2; exit 1; }
  local build=(g++ cmake make ninja-build pkg-config libhiredis-dev libc-ares-dev libyaml-cpp-dev libspdlog-dev
               libfmt-dev prometheus-cpp-dev nlohmann-json3-dev libcli11-dev libssl-dev libjemalloc-dev libsystemd-dev)
  local server=()
  command -v valkey-server >/dev/null || command -v redis-server >/dev/null || server=(redis-server)
  is_installed libboost1.81-dev || is_installed libboost-dev || as_root apt-get update
  local boost
  boost=$(boost_package)
  install_known "${build[@]}" "$boost" "${server[@]}" "$@"
}

# As install_missing, after an update of apt's lists where they lack one of the packages.
install_known() {
  local package
  for package in "$@"; do
    if ! is_known "$package"; then
      as_root apt-get update
      break
    fi
  done
  install_missing "$@"
}

# The runtimes of clang's sanitizers, which are packaged by clang's version, and what names functions in their reports;
# after clang.
install_clang_runtimes() {
  install_known "libclang-rt-$(clang -dumpversion | cut -d . -f 1)-dev" llvm
}

# build_preset <preset> [<configure option>...] [-- <target>...]: configures and builds one preset, all of it
# unless targets are named.
build_preset() {
  local preset=$1 options=() targets=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  if [ $# -gt 1 ]; then targets=(--target "${@:2}"); fi
  say "Building the preset $preset into build/$preset"
  cmake --preset "$preset" "${options[@]}"
  cmake --build --preset "$preset" "${targets[@]}"
}
