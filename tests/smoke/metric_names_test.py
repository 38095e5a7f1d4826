#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The host's metrics have one list, host/metrics/names.hpp: sources, tests and documents name no others.

    metric_names_test.py ROOT
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
LIST = ROOT / "host" / "metrics" / "names.hpp"
TEXT = LIST.read_text(encoding="utf-8")
CONSTANT = re.compile(r'inline constexpr host_metric (\w+)\{\s*"(\w+)"\s*,\s*(\w+)')
PREFIX = "scanhost_"
WORD = re.compile(r"\bscanhost_[a-z0-9_]+")


def texts(*folders, suffixes):
    for folder in folders:
        base = ROOT / folder
        files = [base] if base.is_file() else sorted(base.rglob("*"))
        for file in files:
            if file.is_file() and (not suffixes or file.suffix in suffixes):
                yield file, file.read_text(encoding="utf-8", errors="replace")


def listed():
    """Every name that /metrics may contain."""
    names = set()
    for _, name, kind in CONSTANT.findall(TEXT):
        for full in {name, name if name.startswith(PREFIX) else PREFIX + name}:
            names.add(full)
            if kind == "histogram":
                names.update(full + end for end in ("_bucket", "_sum", "_count"))
    return names


def identifiers():
    """Names of the plugin ABI and of CMake targets and functions, which begin as metrics do."""
    words = set()
    for _, text in texts("sdk", suffixes=set()):
        words.update(WORD.findall(text))
    for file in (file for part in ("host", "tests") for file in (ROOT / part).rglob("CMakeLists.txt")):
        text = file.read_text(encoding="utf-8")
        words.update(re.findall(r"^\s*(?:add_\w+|scanhost_\w+)\((scanhost_[a-z0-9_]+)", text, re.M))
    return words - listed()


class MetricNames(unittest.TestCase):
    def test_the_list_holds_every_constant(self):
        constants = {constant for constant, _, _ in CONSTANT.findall(TEXT)}
        array = set(re.findall(r"names::(\w+)", TEXT.split("host_metrics{", 1)[1]))
        self.assertEqual(constants, array)
        self.assertGreater(len(constants), 10)

    def test_sources_of_the_host_write_no_other_name(self):
        wrong = [f"{file.relative_to(ROOT)}: {literal}"
                 for file, text in texts("host", suffixes={".cpp", ".hpp"}) if file != LIST
                 for literal in re.findall(r'"scanhost"\s*"_\w*"|"scanhost_\w*"', text)
                 if literal.strip('"') not in identifiers()]
        self.assertEqual(wrong, [])

    def test_documentation_and_packaging_name_only_listed_metrics(self):
        known = listed() | identifiers()
        wrong = [f"{file.relative_to(ROOT)}: {word}"
                 for file, text in texts("README.md", "CHANGELOG.md", "host/README.md", "plugins/README.md", "config",
                                         "packaging", "host/admin", suffixes={".md", ".yaml", ".yml", ".json", ".js",
                                                                              ".html", ".service"})
                 for word in WORD.findall(text) if word not in known]
        self.assertEqual(wrong, [])

    def test_tests_ask_only_for_listed_metrics(self):
        wrong = [f"{file.relative_to(ROOT)}: {word}"
                 for file, text in texts("tests", suffixes={".py", ".cpp", ".hpp"})
                 for word in re.findall(r'metric\(\s*"(scanhost_[a-z0-9_]+)', text) if word not in listed()]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
