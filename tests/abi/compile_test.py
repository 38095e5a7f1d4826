#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the C++ wrapper refuses at compile time, and with which words.

    compile_test.py --cxx COMPILER --include DIR [unittest arguments]
"""

import argparse
import pathlib
import re
import subprocess
import sys
import unittest

OPTIONS = None

SCAN = """#include <scanhost/scanner.hpp>
using namespace scanhost;
task<result> scan(scan_context& scan) { %s; co_return result{}; }
"""
KEEPER = """#include <scanhost/scanner.hpp>
namespace mine {
using namespace scanhost;
class keeper : public scanner {
 public:
  static description describe() { return {.name = "k", .version = "1", .summary = "s", .families = {{.name = "single"}}}; }
  task<result> scan(scan_context&) override { co_return result{}; }
  %s
};
}
SCANHOST_PLUGIN(mine::keeper)
"""
VERSION = "static constexpr std::uint32_t state_version = 1;"
EXPORT = "std::string export_state() const { return {}; }"
IMPORT = "void import_state(std::uint32_t, std::string_view) {}"


class Compile(unittest.TestCase):
    def compile(self, source, standard="c++20"):
        done = subprocess.run([OPTIONS.cxx, "-x", "c++", "-std=" + standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                               "-I", OPTIONS.include, "-"], input=source, capture_output=True, encoding="utf-8", timeout=120)
        return done.returncode, done.stderr

    def accepts(self, source):
        code, errors = self.compile(source)
        self.assertEqual(code, 0, errors)

    def refuses(self, source, words, standard="c++20"):
        code, errors = self.compile(source, standard)
        self.assertNotEqual(code, 0, "it compiles: " + source)
        self.assertIn(words, re.sub(r"[‘’']", "", errors))
        return errors

    def test_what_is_awaited_is_accepted(self):
        for call in ('co_await scan.execute(command("GET", "k"))', "co_await scan.pass(0).next_page(0)",
                     "co_await scan.after(milliseconds(1))", 'command("GET", 1, 1.5, to_ms(scan.now()), to_seconds(scan.now()))'):
            with self.subTest(call):
                self.accepts(SCAN % call)

    def test_an_awaitable_that_is_dropped_is_a_warning(self):
        for call in ('scan.execute(command("GET", "k"))', "scan.execute(batch())", "scan.pass(0).next_page(0)",
                     "scan.after(milliseconds(1))", "when_all(std::vector<task<int>>())", "::scan(scan)"):
            with self.subTest(call):
                self.refuses(SCAN % call, "nodiscard")

    def test_a_moment_without_a_unit_is_refused(self):
        self.refuses(SCAN % 'command("GET", scan.now())', "say the unit of this moment: to_ms(time) or to_seconds(time)")
        self.refuses(SCAN % 'batch().add("GET", scan.now())', "say the unit of this moment")
        self.refuses(SCAN % 'command("GET", milliseconds(1))', "say the unit of this duration")

    def test_an_older_standard_is_one_clear_error(self):
        for header in ("scanner.hpp", "testing/fake_host.hpp"):
            with self.subTest(header):
                errors = self.refuses("#include <scanhost/%s>\nusing scanhost::task;\n" % header, "needs C++20: compile with -std=c++20",
                                      standard="c++17")
                self.assertEqual(len(re.findall(r"\b(?:fatal )?error:", errors)), 2, errors)  # itself, and the end

    def test_a_state_with_all_three_members_is_accepted(self):
        self.accepts(KEEPER % "")
        self.accepts(KEEPER % (VERSION + EXPORT + IMPORT))

    def test_a_state_with_a_member_missing_names_the_member(self):
        for members, missing in ((EXPORT + IMPORT, "state_version"), (VERSION + IMPORT, "export_state()"),
                                 (VERSION + EXPORT, "import_state()"), (EXPORT, "state_version"),
                                 (VERSION + EXPORT + " private: " + IMPORT, "import_state()")):
            with self.subTest(members):
                self.refuses(KEEPER % members, "without a public " + missing)

    def test_a_state_with_members_of_other_types_is_refused(self):
        self.refuses(KEEPER % (VERSION + EXPORT + "void import_state(int*) {}"), "have other types than")


class Namespace(unittest.TestCase):
    def test_all_of_the_wrapper_is_in_the_namespace_of_its_release(self):
        root = pathlib.Path(OPTIONS.include) / "scanhost"
        version = re.search(r'SCANHOST_SDK_VERSION "(\d+)\.(\d+)\.', (root / "types.h").read_text(encoding="utf-8"))
        expected = "namespace scanhost::inline v%s_%s" % version.groups()
        files = [file for suffix in ("hpp", "ipp") for file in root.rglob("*." + suffix)]
        self.assertGreater(len(files), 20)
        for file in files:
            for line in re.findall(r"^namespace scanhost.*\{$", file.read_text(encoding="utf-8"), flags=re.M):
                with self.subTest(file=file.name):
                    self.assertRegex(line, "^" + expected + r"(::\w+)* \{$")


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--cxx", required=True)
    parser.add_argument("--include", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
