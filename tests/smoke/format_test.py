#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file is formatted as clang-format does it.

    format_test.py CLANG_FORMAT ROOT
"""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("host", "plugins", "sdk", "tests")
SOURCES = {".h", ".hpp", ".ipp", ".c", ".cpp"}
FROZEN = pathlib.Path("tests/abi/golden")  # headers of released minors never change


def sources(root):
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            name = file.relative_to(root)
            if file.suffix in SOURCES and FROZEN not in name.parents:
                yield name


def would_change(clang_format, root, name):
    formatted = subprocess.run([clang_format, name], cwd=root, capture_output=True, check=True)
    return formatted.stdout != (root / name).read_bytes()


def main():
    clang_format, root = sys.argv[1], pathlib.Path(sys.argv[2])
    names = [str(name) for name in sources(root)]
    if not names:
        sys.exit(f"{root}: found no sources")
    check = subprocess.run([clang_format, "--dry-run", "-Werror", *names], cwd=root, capture_output=True, text=True)
    if check.returncode == 0:
        return
    # 14 also reports the closing comment of `namespace a::inline b`, which it leaves as it is.
    reported = [name for name in names if re.search(f"^{re.escape(name)}:", check.stderr, flags=re.M)]
    wrong = [name for name in reported if would_change(clang_format, root, name)]
    if wrong or not reported:
        sys.exit(check.stderr + "\nrun clang-format -i on " + " ".join(wrong))


if __name__ == "__main__":
    main()
