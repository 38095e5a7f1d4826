#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`scanhost-try` as an author calls it: by its path, with pipes, and with plugins that need other libraries.

    scanhost_try_test.py --bin DIR --root DIR --examples DIR --broken DIR [unittest arguments]
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None


class ScanhostTry(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-try-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # As it is installed: beside the host, in a prefix that is not in PATH.
        self.program = self.folder / "scanhost-try"
        shutil.copy(OPTIONS.root / "sdk" / "tools" / "scanhost-try", self.program)
        self.beside = self.folder / "scanhost"
        self.beside.symlink_to(OPTIONS.bin / "scanhost")

    def shell(self, script, **more):
        environment = dict(os.environ, TRY=str(self.program), PLUGIN=str(OPTIONS.examples / "session_janitor.so"),
                           BROKEN=str(OPTIONS.broken), **more)
        return subprocess.run(["bash", "-c", script], env=environment, cwd=self.folder, capture_output=True,
                              encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL)

    def test_it_finds_the_host_beside_itself(self):
        done = self.shell('"$TRY" "$PLUGIN"')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["plugin"], "session_janitor")

    def test_it_reads_commands_from_a_pipe(self):
        done = self.shell('"$TRY" "$PLUGIN" --before <(echo SET a 5) --after <(echo GET a)')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "5")

    def test_without_a_host_it_says_so_and_ends(self):
        self.beside.unlink()
        tools = self.folder / "tools"  # all that it needs but the host
        tools.mkdir()
        for name in ("dirname", "basename", "cat", "mktemp", "rm"):
            (tools / name).symlink_to(shutil.which(name))
        done = self.shell('PATH=%s; /bin/sh "$TRY" "$PLUGIN"' % tools)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertEqual(done.stderr.splitlines(), ["scanhost-try: none of these is installed: %s scanhost" % self.beside])

    def test_libraries_can_be_allowed(self):
        refused = self.shell('"$TRY" "$BROKEN/private_needed.so"')
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("plugins.allow_needed", refused.stderr)
        for value in ("libbroken_private.so", "[libother.so.1, libbroken_private.so]"):
            # It never finishes a scan, which ends the run: that it ran is what counts.
            done = self.shell('"$TRY" "$BROKEN/private_needed.so" --set "allow_needed=%s" --set scan_timeout=10ms' % value)
            self.assertNotIn("allow_needed", done.stderr, value)

    def test_a_missing_file_and_a_folder_are_refused(self):
        for file in ("none.so", "."):
            self.assertEqual(self.shell('"$TRY" %s' % file).returncode, 66)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ("bin", "root", "examples", "broken"):
        parser.add_argument("--" + name, required=True, type=lambda text: pathlib.Path(text).resolve())
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
