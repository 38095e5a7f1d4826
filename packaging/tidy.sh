#!/usr/bin/env bash
# Installs what is missing and runs clang-tidy over the product's sources, by the checks in .clang-tidy.
# Ends with 0 when there is nothing to report.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

install_packages clang clang-tidy
say "Configuring build/tidy"
cmake --preset release -B build/tidy -DSCANHOST_TESTS=OFF -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
  -DCMAKE_UNITY_BUILD_BATCH_SIZE=0
say "Building what is generated"
cmake --build build/tidy --target scanhost_scaffold
say "Running clang-tidy"
run-clang-tidy -quiet -p build/tidy -j "$(nproc)" "$PWD/(host|plugins|build/tidy/(host|plugins))/.*\.(cpp|cxx)$"
