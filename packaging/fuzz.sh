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

install_packages clang libgtest-dev libgmock-dev python3
install_clang_runtimes
build_preset fuzz -- "${targets[@]/#/fuzz_}"

# An input that took longer than libFuzzer allows although it is fast by itself: the machine was busy.
is_fast_alone() { "$1" -timeout=5 "$2" >/dev/null 2>&1; }

# fuzz <target>: sets `runs` and `code`, which is 0 if there is no finding.
fuzz() {
  local program=build/fuzz/bin/fuzz_$1 learned=build/fuzz/learned/$1 findings=build/fuzz/findings/$1 log=build/fuzz/$1.log
  local dictionary=tests/fuzz/dictionaries/$1 end=$((SECONDS + seconds)) late
  local options=(-timeout=5 -rss_limit_mb=1024 -print_final_stats=1 "-artifact_prefix=$findings/")
  if [ -f "$dictionary" ]; then options+=("-dict=$dictionary"); fi
  mkdir -p "$learned" "$findings"
  runs=0 code=0
  while [ "$SECONDS" -lt "$end" ]; do
    code=0
    "$program" "${options[@]}" "-max_total_time=$((end - SECONDS))" "$learned" "tests/fuzz/corpus/$1" >"$log" 2>&1 || code=$?
    runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1 | grep . || echo 0)))
    if [ "$code" -eq 0 ]; then return; fi
    late=$(sed -n 's/.*Test unit written to \(.*\/timeout-[0-9a-f]*\)$/\1/p' "$log" | tail -n 1)
    if [ -z "$late" ] || ! is_fast_alone "$program" "$late"; then return; fi
    rm -f "$late"
    code=0
  done
}

summary=()
found=0
for target in "${targets[@]}"; do
  say "Fuzzing $target for $seconds s"
  fuzz "$target"
  if [ "$code" -eq 0 ]; then
    summary+=("$target: $runs runs, no finding")
  else
    found=1
    grep -v '^#' "build/fuzz/$target.log" | tail -n 40
    summary+=("$target: FOUND SOMETHING after $runs runs; see build/fuzz/$target.log and build/fuzz/findings/$target")
  fi
  echo "${summary[-1]}"
done

say "Summary: $seconds s for each target"
printf '%s\n' "${summary[@]}"
exit "$found"
