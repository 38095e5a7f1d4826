#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The host under valgrind, and a plugin with AddressSanitizer in the plain host, as sdk/README.md says.

    memory_test.py --bin DIR --root DIR --examples DIR --cc CC [unittest arguments]
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "contract"))

from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None


class Tools(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-tools-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_with(self, *command, **environment):
        return subprocess.run([str(word) for word in command], env=dict(os.environ, **environment), capture_output=True,
                              encoding="utf-8", timeout=280, stdin=subprocess.DEVNULL)

    def config(self, plugins, more=""):
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        address = resources.enter_context(private_server(OPTIONS.server))
        with connect(address) as client:
            client.must("ZADD", "sessions:{shard:1}:by_expiry", 1, "old")
        file = self.folder / "scanhost.yaml"
        file.write_text("store: {url: 'unix://%s'}\nplugins: {path: ['%s'], staging: '%s'%s}\nadmin: {listen: none}\n"
                        "scanners: {session_janitor: {}}\n" % (address, plugins, self.folder / "staging", more))
        return file


class Valgrind(Tools):
    def test_the_host_runs_and_its_probes_do(self):
        log = self.folder / "valgrind.log"
        done = self.run_with("valgrind", "--soname-synonyms=somalloc=libjemalloc*", "--log-file=%s" % log,
                             OPTIONS.bin / "scanhost", "run", "--once", "--json", "--config",
                             self.config(OPTIONS.examples))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["errors"], 0)
        self.assertIn("ERROR SUMMARY: 0 errors", log.read_text())


class AddressSanitizer(Tools):
    def setUp(self):
        super().setUp()
        sdk = OPTIONS.root / "sdk"
        self.plugin = self.folder / "session_janitor.so"
        done = self.run_with(OPTIONS.cc, "-std=c99", "-g", "-shared", "-fPIC", "-fsanitize=address", "-I", sdk / "include",
                             "-fvisibility=hidden", "-Wl,--version-script=%s" % (sdk / "cmake" / "scanhost.map"),
                             sdk / "examples" / "session_janitor.c", "-o", self.plugin)
        if done.returncode != 0:
            self.skipTest("this compiler has no AddressSanitizer: " + done.stderr)
        self.runtime = self.run_with(OPTIONS.cc, "-print-file-name=libasan.so").stdout.strip()
        self.needed = next(line.split("[")[1].split("]")[0]
                           for line in self.run_with("readelf", "-d", self.plugin).stdout.splitlines()
                           if "libasan" in line)

    def test_a_plugin_with_it_runs_in_the_plain_host(self):
        file = self.config(self.folder, ", allow_needed: [%s]" % self.needed)
        done = self.run_with(OPTIONS.bin / "scanhost", "run", "--once", "--json", "--config", file,
                             LD_PRELOAD=self.runtime, ASAN_OPTIONS="detect_leaks=0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["errors"], 0)

    def test_without_its_runtime_the_messages_say_what_to_do(self):
        file = self.config(self.folder, ", allow_needed: [%s]" % self.needed)
        refused = self.run_with(OPTIONS.bin / "scanhost", "plugin", "describe", self.plugin, "--config", file)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        verified = self.run_with(OPTIONS.bin / "scanhost", "plugin", "verify", self.plugin, "--config", file,
                                 "--check", "load")
        self.assertEqual(verified.returncode, 1)
        for text in (refused.stderr, verified.stdout):
            self.assertIn("is built with AddressSanitizer", text)
            self.assertIn("LD_PRELOAD", text)
            self.assertNotIn("never end the process", text)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ("bin", "root", "examples"):
        parser.add_argument("--" + name, required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
