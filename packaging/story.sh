#!/usr/bin/env bash
# The story of an operator in a clean root of this Debian release: the packages of packaging/package.sh are installed,
# configured, looked at, upgraded, broken, stopped and purged. Installs what is missing and builds the packages first.
# Needs root or sudo; touches nothing outside of build. Exits with 77 if the root cannot be made.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

packaging/package.sh
mapfile -t browser < <(page_browser)
install_known debootstrap python3 dpkg-dev libgtest-dev libgmock-dev "${browser[@]}"
build_preset release -DSCANHOST_TESTS=ON -- story_plugins

cannot_be_made() {
  echo "The root cannot be made: $1; build/story/log ends with:" >&2
  tail -n 5 build/story/log >&2
  exit 77
}

# The root is made once, with what the package depends on (anew when that changes), and each story is told in a copy of it.
base=build/story/base root=build/story/root
depends=$(dpkg-deb --field build/package/packages/scanhost_*.deb Depends)
if [ "$(cat build/story/made 2>/dev/null)" != "$depends" ]; then
  say "Making a clean root in $base"
  as_root rm -rf --one-file-system "$base"
  mkdir -p build/story
  as_root debootstrap --variant=minbase --include=ca-certificates "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$base" \
    >build/story/log 2>&1 || cannot_be_made "debootstrap fails"
  # It gets its packages as this machine does.
  as_root rm -rf "$base/etc/apt"
  as_root cp -a /etc/apt "$base/etc/apt"
  as_root cp /etc/resolv.conf /etc/hosts "$base/etc/"
  as_root cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$base/usr/sbin/policy-rc.d" >/dev/null
  as_root chmod 755 "$base/usr/sbin/policy-rc.d"
  as_root chroot "$base" apt-get update -q >>build/story/log 2>&1 || cannot_be_made "apt-get update fails in it"
  as_root chroot "$base" env DEBIAN_FRONTEND=noninteractive apt-get satisfy -q -y --no-install-recommends \
    "$depends, redis-server" >>build/story/log 2>&1 || cannot_be_made "what the package depends on cannot be installed in it"
  echo "$depends" >build/story/made
fi

say "Telling the story"
as_root rm -rf --one-file-system "$root"
as_root cp -a "$base" "$root"
if ! as_root mount -t proc proc "$root/proc" 2>>build/story/log; then cannot_be_made "/proc cannot be mounted in it"; fi
as_root umount "$root/proc"
as_root python3 tests/story/operator_story.py --root "$root" \
  --packages build/package/packages --releases build/release/tests/story
as_root rm -rf --one-file-system "$root"
