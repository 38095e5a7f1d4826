#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file is formatted as clang-format does it.

    format_test.py CLANG_FORMAT ROOT
"""

import pathlib
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


def main():
    clang_format, root = sys.argv[1], pathlib.Path(sys.argv[2])
    names = [str(name) for name in sources(root)]
    if not names:
        sys.exit(f"{root}: found no sources")
    check = subprocess.run([clang_format, "--dry-run", "-Werror", *names], cwd=root)
    if check.returncode != 0:
        sys.exit("run clang-format -i on the files named above")


if __name__ == "__main__":
    main()
