#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests: first the unit and ABI tests and the corpora of the fuzz targets
# under AddressSanitizer and UndefinedBehaviorSanitizer, then everything in the release build. With --tsan also the unit, ABI and
# integration tests under ThreadSanitizer. With --engine the engine's server is installed into the build folder
# meanwhile, and the tests beside it (label engine) run too; without it, or where cargo or the crates are not to be had,
# they are skipped. With --story the packages are built, and the story of an operator is told with them in a clean root
# (packaging/story.sh), if one can be made. With --servers, what depends on the server most (contract, access rights, connections) is
# played on every server that packaging/servers.sh can fetch, too (a minute for each). The last lines are ctest's summary of the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

jobs=$((2 * $(nproc)))  # tests at once; those that keep a core busy count as two
tsan=no
engine=no
servers=no
story=no
for argument in "$@"; do
  case "$argument" in
    --tsan) tsan=yes ;;
    --engine) engine=yes ;;
    --servers) servers=yes ;;
    --story) story=yes ;;
    *) echo "usage: packaging/test.sh [--tsan] [--engine] [--servers] [--story]" >&2; exit 64 ;;
  esac
done

mapfile -t server_packages < <(test_servers)
install_packages libgtest-dev libgmock-dev python3 python3-yaml openssl clang clang-format rustc prometheus curl mandoc zsh fish "${server_packages[@]}"
install_clang_runtimes
mapfile -t browser < <(page_browser)
if [ "${#browser[@]}" -gt 0 ]; then install_missing "${browser[@]}"; fi

installs=
if [ "$engine" = yes ]; then
  mkdir -p build/release
  packaging/ff_server.sh build/release/engine >build/release/ff_server.log 2>&1 &
  installs=$!
  trap 'kill "$installs" 2>/dev/null || true' EXIT
fi

build_preset debug -DSCANHOST_TESTS=ON -- quick_tests
say "Testing the preset debug: unit and ABI tests, corpora of the fuzz targets"
ctest --preset debug -L 'unit|abi|fuzz' -j "$jobs"

if [ "$tsan" = yes ]; then
  build_preset tsan -DSCANHOST_TESTS=ON
  say "Testing the preset tsan: unit, ABI and integration tests"
  ctest --preset tsan -L 'unit|abi|integration' -j "$jobs"
fi

build_preset release -DSCANHOST_TESTS=ON
install_axe build/release/axe
if [ -n "$installs" ]; then
  wait "$installs" || {
    say "The tests beside the engine will be skipped, for ff-server could not be installed"
    tail -n 5 build/release/ff_server.log
  }
  trap - EXIT
fi
if [ "$servers" = yes ]; then
  # Each plays what is there for redis-server, in its place.
  mapfile -t fetched < <(packaging/servers.sh)
  for server in "${fetched[@]}"; do
    if [ "$server" = "$(command -v "${server##*/}")" ]; then continue; fi  # the last tests play it
    say "Testing with $("$server" --version | cut -d ' ' -f 1-3)"
    SCANHOST_TEST_SERVER=$server ctest --preset release -j "$jobs" \
      -R '^(contract\..*|integration\.scanners\.acl)\.redis-server$|^(client|faults|session|users/rotation)_test'
  done
fi
if [ "$story" = yes ]; then
  packaging/story.sh || [ $? -eq 77 ]
fi
say "Testing the preset release: everything"
results=build/release/tests.log
ctest --preset release -j "$jobs" | tee "$results" || {
  say "What the tests that failed complain about"
  sed -n '/^The following tests FAILED/,$s/^\t *\([0-9]* - .*\)/\1/p' "$results" | cut -d ' ' -f 3 | while read -r name; do
    printf '%s\n' "$name"
    sed -n "/Testing: ${name//./\\.}\$/,/^<end of output>/p" build/release/Testing/Temporary/LastTest.log |
      grep -v -e '^\[' -e '^---' | tail -n +7 | cut -c 1-300 | head -n 12
  done
  sed -n '/tests passed, /p; /^Total Test time/,$p' "$results"
  exit 8
}
