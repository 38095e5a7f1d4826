#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo as a user runs it: by `scanhost demo`, to its end, interrupted, and without a server.

    demo_test.py --bin FOLDER [unittest's arguments]
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

BIN = ""


def demo(temporary, *arguments, **more):
    environment = dict(os.environ, TMPDIR=temporary, **more.pop("environment", {}))
    return subprocess.Popen([os.path.join(BIN, "scanhost"), "demo", *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=environment)


class Demo(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def left_behind(self):
        return os.listdir(self.folder.name)

    def test_ends_with_0_and_one_object_without_violations(self):
        run = demo(self.folder.name, "--duration", "10s", "--size", "2000", "--json")
        out, err = run.communicate(timeout=240)
        self.assertEqual(run.returncode, 0, out + err)
        result = json.loads(out)
        self.assertEqual(result["violations"], 0, result["violation_samples"])
        self.assertGreaterEqual(result["workload"]["seeded"], 2000)
        self.assertEqual(result["workload"]["due"], result["workload"]["done"])
        for scanner in result["scanners"]:
            self.assertGreater(scanner["cycles"], 0, scanner)
            self.assertEqual(scanner["errors"], 0, scanner)
        self.assertEqual(len(result["scanners"]), 19)
        for scanner in result["scanners"]:
            if scanner["plugin"] != "edge_cancel_reconciler":  # the dispatcher may come first
                self.assertGreater(scanner["processed"], 0, scanner)
        self.assertEqual(self.left_behind(), [])

    def test_cleans_up_and_ends_with_130_when_interrupted(self):
        run = demo(self.folder.name, "--duration", "1h", "--size", "500", "--json")
        seen = ""
        for line in run.stderr:  # until the demo ends
            seen += line
            if "the host is up" in line:
                run.send_signal(signal.SIGINT)
                break
        out, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 130, seen + err)
        result = json.loads(out)
        self.assertTrue(result["interrupted"])
        self.assertEqual(result["violations"], 0, result["violation_samples"])
        self.assertEqual(self.left_behind(), [])

    def test_says_which_package_is_missing(self):
        with tempfile.TemporaryDirectory() as empty:
            run = demo(self.folder.name, "--duration", "5s", environment={"PATH": empty})
            out, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertIn("apt install", err)
        self.assertEqual(out, "")
        self.assertEqual(self.left_behind(), [])

    def test_refuses_a_wrong_option_with_the_usage_code(self):
        run = demo(self.folder.name, "--duration", "soon")
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 64)
        self.assertIn("soon", err)


if __name__ == "__main__":
    reader = argparse.ArgumentParser()
    reader.add_argument("--bin", required=True)
    known, rest = reader.parse_known_args()
    BIN = known.bin
    unittest.main(argv=[sys.argv[0], *rest])
