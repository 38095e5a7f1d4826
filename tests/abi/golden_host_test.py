#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden plugins of ABI 1.0 in the real host: flags that 1.0 does not know, and a required option.

    golden_host_test.py --bin DIR --golden DIR [--server NAME] [unittest arguments]
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))

from run_vectors import private_server  # noqa: E402

OPTIONS = None
CONFIG_ERROR = 78


def scanhost(*arguments):
    return subprocess.run([OPTIONS.bin / "scanhost", *arguments], capture_output=True, encoding="utf-8", timeout=120)


class Golden(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-golden-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def take(self, built, name):
        """A copy under the name of its descriptor, as an operator has it."""
        return pathlib.Path(shutil.copy(OPTIONS.golden / (built + ".so"), self.folder / (name + ".so")))

    def config(self, scanner, options="", store="redis://127.0.0.1:1"):
        file = self.folder / "scanhost.yaml"
        file.write_text("store: {url: '%s'}\nplugins: {path: [.], staging: staging}\n"
                        "admin: {listen: none, socket: none}\nscanners:\n  %s: {%s}\n" % (store, scanner, options))
        return file


class UnknownFlags(Golden):
    def test_are_refused_by_name_when_the_plugin_is_loaded(self):
        for where, owner in (("descriptor", "its descriptor"), ("family", "its family 'golden'"),
                             ("option", "its option 'key'")):
            with self.subTest(where):
                plugin = self.take("golden_unknown_flags_in_%s_1_0" % where, "golden_unknown_flags")
                file = self.config("golden_unknown_flags")
                for done in (scanhost("plugin", "describe", plugin), scanhost("check-config", file),
                             scanhost("run", "--once", "--config", file)):
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn(owner + " has the unknown flags 0x80000000; leave them out, or use a newer scanhost",
                                  done.stderr)

    def test_of_a_command_are_invalid_with_a_reason(self):
        self.take("golden_unknown_flags_in_command_1_0", "golden_unknown_flags")
        with private_server(OPTIONS.server) as address:
            done = scanhost("run", "--once", "--json", "--config",
                            self.config("golden_unknown_flags", store="unix://" + address))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["processed"], 1)
        self.assertIn("execute: a command has a flag that this host does not know", done.stderr)


class Required(Golden):
    def setUp(self):
        super().setUp()
        self.plugin = self.take("golden_required_1_0", "golden_required")

    def test_it_is_listed_described_and_verified_without_its_option(self):
        listed = scanhost("plugin", "list", "--plugins", self.folder, "--json")
        self.assertEqual([plugin["name"] for plugin in json.loads(listed.stdout)["plugins"]], ["golden_required"])
        self.assertIn("queues: text list from 1, required", scanhost("plugin", "describe", self.plugin).stdout)
        verified = scanhost("plugin", "verify", self.plugin, "--check", "load")
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertIn("these required options had invented values: queues", verified.stdout)

    def test_a_configuration_without_it_is_an_error_with_its_line(self):
        file = self.config("golden_required")
        for done in (scanhost("check-config", file), scanhost("run", "--config", file)):
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn("scanhost.yaml:5: scanner 'golden_required' needs the option 'queues' (the queues to look at); "
                          "set scanners.golden_required.options.queues", done.stderr)

    def test_a_value_that_create_refuses_is_an_error_with_its_line(self):
        file = self.config("golden_required", "options: {queues: ['a b']}")
        for done in (scanhost("check-config", file), scanhost("run", "--config", file)):
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn("scanhost.yaml:5: scanners.golden_required.options.queues: expected names without a blank",
                          done.stderr)

    def test_it_works_with_it(self):
        with private_server(OPTIONS.server) as address:
            file = self.config("golden_required", "options: {queues: [mail, images]}", "unix://" + address)
            done = scanhost("run", "--once", "--json", "--config", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["processed"], 2)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--golden", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
