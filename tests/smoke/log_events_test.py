#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Events of the log have one list, host/base/events.hpp: sources use it, the runbook explains it, a host writes no other.

    log_events_test.py ROOT
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
LIST = ROOT / "host" / "base" / "events.hpp"
RUNBOOK = ROOT / "packaging" / "prometheus" / "README.md"
LEVELS = {"info": "info", "warn": "warning", "error": "error", "off": "any"}
EVENT = re.compile(r'inline constexpr log_event (\w+)\{\s*"(\w+)",\s*(\w+),\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\}')


def events():
    """constant -> (name, level, meaning, remedy)"""
    return {found[0]: found[1:] for found in EVENT.findall(LIST.read_text(encoding="utf-8"))}


def sources():
    for file in sorted((ROOT / "host").rglob("*.cpp")) + sorted((ROOT / "host").rglob("*.hpp")):
        yield file.relative_to(ROOT), file.read_text(encoding="utf-8")


class Events(unittest.TestCase):
    def test_each_has_its_constants_name_in_snake_case(self):
        self.assertEqual([(constant, name) for constant, (name, *_) in events().items()
                          if constant != name or not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)], [])
        self.assertGreater(len(events()), 40)

    def test_the_list_holds_every_constant_in_order(self):
        text = LIST.read_text(encoding="utf-8")
        self.assertEqual(text.count("inline constexpr log_event "), len(events()), "an event has another form")
        self.assertEqual(re.findall(r"events::(\w+)", text.split("log_events{", 1)[1]), list(events()))

    def test_each_is_written_somewhere(self):
        text = "\n".join(text for file, text in sources() if file != LIST.relative_to(ROOT))
        self.assertEqual([name for name in events() if not re.search(r"\bevents::%s\b" % name, text)], [])

    def test_lines_from_the_level_info_on_have_one(self):
        """A level alone is for debugging, and only the file of the logger calls it by another way."""
        wrong = []
        for file, text in sources():
            if file.parts[1] == "base" and file.name in ("log.cpp", "log.hpp"):
                continue
            for found in re.finditer(r"\blog\(\s*(?:base::)?severity::(\w+)", text):
                if found[1] not in ("trace", "debug"):
                    wrong.append("%s: log(severity::%s" % (file, found[1]))
            if file.name != "logging.cpp":
                wrong += ["%s: %s" % (file, found) for found in re.findall(r"spdlog::\w+\(", text)]
        self.assertEqual(wrong, [])

    def test_the_runbook_explains_each_in_the_words_of_the_list(self):
        text = RUNBOOK.read_text(encoding="utf-8").split("# Log events", 1)[1]
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \| (.*) \|$", text, re.M)
        self.assertEqual(rows, [(name, LEVELS[level], meaning, remedy)
                                for name, level, meaning, remedy in events().values()])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
