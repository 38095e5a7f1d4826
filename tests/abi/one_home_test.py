#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Facts that the host and the SDK share have one home, a header of the SDK; there is no second list.

    one_home_test.py ROOT
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
DETAIL = ROOT / "sdk" / "include" / "scanhost" / "detail"
COMMANDS = DETAIL / "refused_commands.hpp"
UNITS = DETAIL / "quantity.hpp"
GROWING = DETAIL / "growing.hpp"
QUOTED = re.compile(r'"([^"\n]*)"')
MANY = 4  # a handshake or a model of a store names a few commands of its own


def product_sources():
    for folder in ("host", "plugins", "sdk"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".h", ".hpp", ".ipp", ".c", ".cpp"}:
                yield file, file.read_text(encoding="utf-8")


class OneHome(unittest.TestCase):
    def test_commands_that_are_never_sent(self):
        names = set(re.findall(r'row\{"([A-Z]+)"', COMMANDS.read_text(encoding="utf-8")))
        self.assertGreater(len(names), 30)
        lists = [str(file.relative_to(ROOT)) for file, text in product_sources()
                 if file != COMMANDS and len(names & set(QUOTED.findall(text))) >= MANY]
        self.assertEqual(lists, [])

    def test_units_of_durations_and_sizes(self):
        lists = [str(file.relative_to(ROOT)) for file, text in product_sources()
                 if file != UNITS and {"ms", "s", "m", "h"} <= set(QUOTED.findall(text))]
        self.assertEqual(lists, [])

    def test_reading_growing_structs(self):
        lists = {str(file.relative_to(ROOT)) for file, text in product_sources()
                 if file != GROWING and re.search(r"^(inline )?\w+ read_growing\w*\(", text, re.M)}
        self.assertEqual(lists, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
