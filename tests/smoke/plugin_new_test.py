#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The output of `scanhost plugin new` builds against the installed SDK, passes its tests and `plugin verify`, in an
empty folder outside the tree.

    plugin_new_test.py --cmake CMAKE --build DIR --cc CC --cxx CXX [unittest arguments]
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None


class PluginNew(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-new-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.prefix = self.folder / "prefix"
        for component in ("sdk", "host"):
            subprocess.run([OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", self.prefix, "--component", component],
                           check=True, stdout=subprocess.DEVNULL)

    def run_in(self, folder, *arguments):
        warnings = "-Wall -Wextra -Wpedantic -Werror"
        environment = dict(os.environ, CC=OPTIONS.cc, CXX=OPTIONS.cxx, CFLAGS=warnings, CXXFLAGS=warnings,
                           CMAKE_PREFIX_PATH=str(self.prefix),
                           PATH="%s:%s" % (self.prefix / "bin", os.environ["PATH"]))
        return subprocess.run([str(argument) for argument in arguments], cwd=folder, env=environment, capture_output=True,
                              encoding="utf-8", timeout=600, stdin=subprocess.DEVNULL)

    def must(self, folder, *arguments):
        done = self.run_in(folder, *arguments)
        self.assertEqual(done.returncode, 0, "%s\n%s%s" % (arguments, done.stdout, done.stderr))
        return done.stdout

    def builds_tests_and_verifies(self, language):
        name = "cart_sweeper_" + language
        printed = self.must(self.folder, "scanhost", "plugin", "new", name, "--lang", language)
        folder = self.folder / name
        for file in folder.iterdir():
            self.assertIn(file.name, printed)
        self.must(folder, OPTIONS.cmake, "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Release")
        self.must(folder, OPTIONS.cmake, "--build", "build")
        tested = self.must(folder, "ctest", "--test-dir", "build", "--output-on-failure", "--no-tests=error")
        self.assertIn(name + "_test", tested)
        self.assertIn(name + "_verify", tested)
        result = json.loads(self.must(folder, "scanhost", "plugin", "verify", "--json", "build/%s.so" % name))
        self.assertEqual((result["ok"], result["plugin"]), (True, name))
        self.assertEqual({check["outcome"] for check in result["checks"]}, {"passed"})
        self.must(folder, "scanhost", "check-config", "scanhost.yaml")

    def test_a_scanner_in_c_is_complete_as_it_stands(self):
        self.builds_tests_and_verifies("c")

    def test_a_scanner_in_cpp_is_complete_as_it_stands(self):
        self.builds_tests_and_verifies("cpp")

    def test_every_name_of_the_sdk_and_of_the_standard_is_refused_or_builds(self):
        names = {"index", "turn", "signal", "string", "vector", "time", "remove", "size_t", "uint32_t", "move", "found"}
        for header in (self.prefix / "include" / "scanhost").glob("*.hpp"):
            names |= set(re.findall(r"^(?:class|struct|enum class|using|inline \w+|constexpr \w+) ([a-z_]\w*)",
                                    header.read_text(), flags=re.M))
        self.assertIn("option", names)
        sources, refused = [], []
        for name in sorted(names):
            done = self.run_in(self.folder, "scanhost", "plugin", "new", name)
            if done.returncode == 0:
                sources.append(self.folder / name / (name + ".cpp"))
            else:
                self.assertIn("has a meaning in the code", done.stderr)
                refused.append(name)
        self.assertIn(self.folder / "option" / "option.cpp", sources)
        self.assertIn("result", refused)
        # All of them in one go: each class lies in a namespace of its own.
        together = self.folder / "together.cpp"
        together.write_text("#include <scanhost/scanner.hpp>\n#undef SCANHOST_PLUGIN\n"
                            "#define SCANHOST_PLUGIN(Scanner) static_assert(sizeof(scanhost::detail::entry<Scanner>) > 0);\n"
                            + "".join('#include "%s"\n' % source for source in sources))
        self.must(self.folder, OPTIONS.cxx, "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only",
                  "-I", self.prefix / "include", together)

    def test_a_bad_name_and_a_folder_with_something_in_it_are_refused(self):
        for arguments, words in ((["Cart-Sweeper"], "lower-case letter"), (["class"], "has a meaning"),
                                 (["fine", "--lang", "cobol"], "--lang"), (["fine", "--into", "prefix"], "not empty")):
            done = self.run_in(self.folder, "scanhost", "plugin", "new", *arguments)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["prefix"])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ("cmake", "build", "cc", "cxx"):
        parser.add_argument("--" + name, required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
