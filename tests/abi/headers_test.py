# SPDX-License-Identifier: Apache-2.0
#
# headers.py must detect every kind of drift: each row below changes a copy of the released headers in one
# way and says whether that is allowed.

import pathlib
import shutil
import sys
import tempfile

import headers

DRIFTS = [  # header, text, replacement, whether that is allowed
    ("scan.h", "uint64_t errors;", "uint32_t errors;", False),
    ("scan.h", "uint64_t errors;", "uint64_t faults;", False),
    ("scan.h", "uint64_t processed;", "uint64_t inserted;\n  uint64_t processed;", False),
    ("host.h", "uint32_t pass,", "uint16_t pass,", False),
    ("host.h", "typedef void (*scanhost_on_time)(void* user);", "", False),
    ("plugin.h", "(*get_extension)(scanhost_string id);", "(*get_extension)(const char *id);", False),
    ("store.h", "SCANHOST_OUTCOME_REFUSED = 5", "SCANHOST_OUTCOME_REFUSED = 7", False),
    ("ext/metrics.h", 'METRICS "scanhost.metrics/1"', 'METRICS "scanhost.metrics/2"', False),
    ("types.h", "SCANHOST_ABI_MAJOR 1", "SCANHOST_ABI_MAJOR 2", False),
    ("types.h", "  size_t size; /* bytes */\n", "  size_t size;\n  size_t more;\n", False),
    ("types.h", "SCANHOST_ABI_MINOR 0", "SCANHOST_ABI_MINOR 1", True),
    ("scan.h", "} scanhost_result;", "  uint64_t appended;\n} scanhost_result;", True),
    ("store.h", "SCANHOST_OUTCOME_HELD_BACK = 6", "SCANHOST_OUTCOME_HELD_BACK = 6, SCANHOST_OUTCOME_NEW = 7", True),
    ("scan.h", "/* candidates that were handled */", "/* another comment */", True),
]


def main(frozen):
    failed = 0
    for header, before, after, allowed in DRIFTS:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "include"
            shutil.copytree(frozen, copy)
            path = copy / "scanhost" / header
            text = path.read_text()
            path.write_text(text.replace(before, after, 1))
            found = list(headers.changes(headers.header_set(frozen), headers.header_set(copy)))
        if before not in text or bool(found) == allowed:
            print(f"{header}: {before!r} -> {after!r}: found {found}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
