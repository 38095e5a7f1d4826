#!/usr/bin/env bash
# Installs what is missing and builds the packages scanhost and scanhost-dev for this Debian release, with debug symbols
# in a package of their own, into build/package/packages. Then lintian looks at them.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

install_packages dpkg-dev file lintian
build_preset package
say "Packing"
rm -rf build/package/packages
(cd build/package && cpack)
say "Checking the packages with lintian"
lintian --fail-on error,warning build/package/packages/*.deb
say "Packages: $(echo build/package/packages/*deb)"
