#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`scanhost plugin verify` as its users see it: all bundled plugins pass, findings in broken plugins, exit codes.

    plugin_verify_test.py --bin DIR --plugins DIR --examples DIR --broken DIR [unittest arguments]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None


def verify(*arguments, words=("plugin", "verify")):
    return subprocess.run([str(OPTIONS.bin / "scanhost"), *words, *map(str, arguments)], capture_output=True,
                          encoding="utf-8", timeout=240, stdin=subprocess.DEVNULL)


# What a plugin finds to act on where the model of a store has nothing for it by itself.
RECORDS = pathlib.Path(__file__).parent / "records"
NEEDED_OPTIONS = {"index_reconciler": ["repair=true"],
                  "webhook_notifier": ["url=http://127.0.0.1:9/notices"]}
# These only read.
READERS = {"key_ttl_audit", "stream_lag"}


class PluginVerify(unittest.TestCase):
    def all_pass(self, files):
        for file in files:
            given = [word for option in NEEDED_OPTIONS.get(file.stem, []) for word in ("--option", option)]
            records = RECORDS / (file.stem + ".txt")
            if records.exists():
                given += ["--before", records]
            done = verify("--json", "--limit", "60s", file, *given)
            result = json.loads(done.stdout)
            wrong = [(check["name"], check["findings"]) for check in result["checks"] if check["outcome"] != "passed"]
            self.assertEqual((done.returncode, wrong, result["ok"]), (0, [], True), file.name)
            self.assertEqual(result["plugin"], file.stem)
            acting = result["exercised"]["acting_calls"]
            self.assertEqual(acting == 0, file.stem in READERS, (file.stem, result["exercised"]))

    def test_all_bundled_plugins_pass_and_are_seen_at_work(self):
        files = sorted(OPTIONS.plugins.glob("*.so"))
        self.assertGreater(len(files), 10)
        self.all_pass(files)

    def test_all_examples_pass_and_are_seen_at_work(self):
        files = sorted(OPTIONS.examples.glob("*.so"))
        self.assertGreaterEqual(len(files), 2)
        self.all_pass(files)

    def test_it_says_what_was_exercised(self):
        done = verify(OPTIONS.broken / "sweeps.so", "--check", "exercised")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"exercised: 12 scans, \d+ pages, \d+ commands, [1-9]\d* of them acting\n")
        self.assertNotIn("no acting call", done.stdout)
        reader = verify(OPTIONS.examples / "key_ttl_audit.so", "--check", "exercised")
        self.assertEqual(reader.returncode, 0, reader.stdout)
        self.assertIn("0 of them acting\nno acting call was sent: ", reader.stdout)

    def test_a_plugin_whose_scans_find_nothing_to_do_fails(self):
        idle = verify(OPTIONS.plugins / "unblock.so", "--check", "exercised")
        self.assertEqual(idle.returncode, 1, idle.stdout)
        self.assertIn("nothing_exercised: its 12 scans read with ", idle.stdout)
        self.assertIn("--option NAME=VALUE", idle.stdout)
        busy = verify(OPTIONS.plugins / "unblock.so", "--check", "exercised", "--before", RECORDS / "unblock.txt")
        self.assertEqual(busy.returncode, 0, busy.stdout)

    def test_a_wrong_file_of_records_is_refused(self):
        file = OPTIONS.broken / "sweeps.so"
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as records:
            for text, said in (("SET a b\nZADD a 1 m\n", "line 2: WRONGTYPE"), ("\n", "has no command")):
                records.seek(0)
                records.truncate()
                records.write(text)
                records.flush()
                done = verify(file, "--before", records.name)
                self.assertEqual((done.returncode, done.stdout), (65, ""), done.stderr)
                self.assertIn(said, done.stderr)
        self.assertEqual(verify(file, "--before", "/no/such/file").returncode, 66)

    def test_a_broken_one_is_told_with_what_to_do(self):
        done = verify(OPTIONS.broken / "finishes_twice.so", "--check", "scan")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("finished_twice: it calls finish for a scan that is finished", done.stdout)
        self.assertIn("fix: call finish or fail once", done.stdout)
        self.assertIn("0 of 1 check passed, 1 finding\n", done.stdout)

    def test_json_has_stable_names(self):
        done = verify("--json", OPTIONS.broken / "hides_errors.so", "--check", "error_replies", "--check", "scan")
        self.assertEqual(done.returncode, 1)
        result = json.loads(done.stdout)
        self.assertEqual((result["ok"], result["plugin"], result["version"]), (False, "hides_errors", "1.2.3"))
        self.assertEqual([(check["name"], check["outcome"], [finding["fault"] for finding in check["findings"]])
                          for check in result["checks"]],
                         [("scan", "passed", []), ("error_replies", "faulty", ["errors_hidden"])])

    def test_a_missing_file_ends_with_66_and_a_wrong_command_line_with_64(self):
        self.assertEqual(verify("/no/such/file.so").returncode, 66)
        self.assertEqual(verify().returncode, 64)
        self.assertEqual(verify("x.so", "--check", "no_such_check").returncode, 64)
        self.assertEqual(verify("x.so", "--limit", "soon").returncode, 64)

    def test_the_configuration_says_which_libraries_are_allowed(self):
        file = OPTIONS.broken / "private_needed.so"
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
            config.write("plugins: {allow_needed: [libbroken_private.so], path: ['%s']}\nscanners: {x: {}}\n"
                         % OPTIONS.broken)
            config.flush()
            self.assertEqual(verify(file, "--check", "needed_libraries").returncode, 1)
            self.assertEqual(verify("private_needed", "--check", "needed_libraries", "--config",
                                    config.name).returncode, 0)
            describe = ("plugin", "describe")
            self.assertEqual(verify(file, words=describe).returncode, 65)
            allowed = verify(file, "--config", config.name, words=describe)
            self.assertEqual(allowed.returncode, 0, allowed.stderr)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ("bin", "plugins", "examples", "broken"):
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
