#!/usr/bin/env bash
# Installs what is missing, builds the fuzz targets with clang, and runs them one after the other, each for a time,
# from its corpus in tests/fuzz/corpus. Ends with a summary; exits with 1 if there is a finding.
#
#   packaging/fuzz.sh [SECONDS] [TARGET...]     default: 600 seconds, every target
#
# Findings stay in build/fuzz/findings/TARGET, what a run learned in build/fuzz/learned/TARGET.
set -euo pipefail

seconds=600
if [[ "${1:-}" =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi

cd "$(dirname "$0")/.."
. packaging/packages.sh
mapfile -t all < <(find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then targets=("${all[@]}"); fi
for target in "${targets[@]}"; do
  if [ ! -d "tests/fuzz/corpus/$target" ]; then
    echo "$target: there is no such target; the targets are: ${all[*]}" >&2
    echo "usage: packaging/fuzz.sh [SECONDS] [TARGET...]" >&2
    exit 64
  fi
done

install_packages clang libgtest-dev libgmock-dev
build_preset fuzz -- "${targets[@]/#/fuzz_}"

summary=()
found=0
for target in "${targets[@]}"; do
  say "Fuzzing $target for $seconds s"
  learned=build/fuzz/learned/$target
  findings=build/fuzz/findings/$target
  log=build/fuzz/$target.log
  mkdir -p "$learned" "$findings"
  options=(-max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$findings/")
  if [ -f "tests/fuzz/dictionaries/$target" ]; then options+=(-dict="tests/fuzz/dictionaries/$target"); fi
  code=0
  "build/fuzz/bin/fuzz_$target" "${options[@]}" "$learned" "tests/fuzz/corpus/$target" >"$log" 2>&1 || code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$code" -eq 0 ]; then
    summary+=("$target: ${runs:-0} runs, no finding")
  else
    found=1
    grep -v '^#' "$log" | tail -n 40
    summary+=("$target: FOUND SOMETHING after ${runs:-an unknown number of} runs; see $log and $findings")
  fi
  echo "${summary[-1]}"
done

say "Summary: $seconds s for each target"
printf '%s\n' "${summary[@]}"
exit "$found"
