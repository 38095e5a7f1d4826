#!/usr/bin/env bash
# Installs what is missing and runs clang-tidy over the product's sources with the checks in .clang-tidy, each file on
# its own. Exits with 0 if there are no findings.
#
#   packaging/tidy.sh [-j JOBS] [PATH...]     PATH: a folder or a source file; default: host plugins
set -euo pipefail

usage() { echo "usage: packaging/tidy.sh [-j JOBS] [PATH...]" >&2; exit 64; }

jobs=$(nproc)
while getopts :j: option; do
  case "$option" in
    j) jobs=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
paths=()
for path in "$@"; do
  [ -e "$path" ] || { echo "$path: there is no such file or folder" >&2; exit 66; }
  paths+=("$(realpath "$path")")
done

cd "$(dirname "$0")/.."
. packaging/packages.sh
if [ "${#paths[@]}" -eq 0 ]; then paths=("$PWD/host" "$PWD/plugins"); fi

install_packages clang clang-tidy
say "Configuring build/tidy"
cmake --preset release -B build/tidy -DSCANHOST_TESTS=OFF -DSCANHOST_UNITY=OFF -DCMAKE_C_COMPILER=clang \
  -DCMAKE_CXX_COMPILER=clang++
sources="^($(IFS='|'; echo "${paths[*]}"))(/.*)?(\\.cpp)?$"
# Not a pipe: the first grep would end with an error when the second has seen enough.
if ! grep -qE "$sources" <(grep -oP '"file": "\K[^"]+' build/tidy/compile_commands.json); then
  echo "none of the product's sources is under: $*" >&2
  exit 66
fi
say "Running clang-tidy"
run-clang-tidy -quiet -p build/tidy -j "$jobs" "$sources"
