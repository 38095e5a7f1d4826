#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A dry run of all bundled scanners over the demo's store, which changes nothing in it: the demo then goes on as ever.

    demo_dry_run_test.py --bin FOLDER [unittest's arguments]

The demo is given this program as its host. Before it becomes the real one it lets that run dry, and compares.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "contract"))

from play_scanners import read_database  # noqa: E402
from run_vectors import connect  # noqa: E402

BIN = ""
SAYS_NOTHING = {"index_reconciler"}  # it repairs nothing unless it is told to


def ordered(kind, value):
    """A server may list sets and hashes in another order when it is asked again."""
    if kind == "set":
        return sorted(value)
    return sorted(zip(value[::2], value[1::2])) if kind == "hash" else value


def contents(client):
    """Every key with its value and its time to live, as an absolute time, and the functions."""
    keys = sorted(client.must("KEYS", "*"))
    expiries = client.call_all([["PEXPIRETIME", key] for key in keys])
    database = [(key, kind, expires, ordered(kind, value)) for key, kind, expires, value in read_database(client)]
    return database, dict(zip(keys, expiries)), client.must("FUNCTION", "DUMP")


def differences(before, after):
    """The names of the keys that came, went or changed."""
    was, now = ({entry[0]: entry for entry in side[0]} for side in (before, after))
    keys = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key) or before[1].get(key) != after[1].get(key)}
    return sorted(map(str, keys)) + (["the functions"] if before[2] != after[2] else [])


def act_as_host(report, program, arguments):
    if arguments[0] == "run":
        config = pathlib.Path(arguments[arguments.index("--config") + 1])
        socket = re.search(r'url: "unix://([^"]+)"', config.read_text(encoding="utf-8"))[1]
        with connect(socket) as client:
            before = contents(client)
            run = subprocess.run([program, "run", "--once", "--dry-run", "--json", "--config", str(config)], text=True,
                                 capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
            changed = differences(before, contents(client))
        pathlib.Path(report).write_text(json.dumps({"keys": len(before[0]), "changed": changed, "code": run.returncode,
                                                    "log": run.stderr}), encoding="utf-8")
    os.execv(program, [program, *arguments])


class DryRun(unittest.TestCase):
    def test_changes_nothing_in_the_demo_s_store_and_the_demo_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            report, host = pathlib.Path(folder) / "report", pathlib.Path(folder) / "host"
            program = pathlib.Path(BIN) / "scanhost"
            host.write_text("#!/bin/sh\nexec '%s' '%s' --as-host '%s' '%s' \"$@\"\n" %
                            (sys.executable, pathlib.Path(__file__).resolve(), report, program.resolve()), encoding="utf-8")
            host.chmod(0o755)
            run = subprocess.run([str(program), "demo", "--duration", "10s", "--size", "2000", "--json", "--host", str(host)],
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False,
                                 env=dict(os.environ, TMPDIR=folder))
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            seen = json.loads(report.read_text(encoding="utf-8"))
            result = json.loads(run.stdout)
        self.assertEqual((seen["code"], seen["changed"]), (0, []), seen["log"])
        self.assertGreater(seen["keys"], 2000)
        held = {found[1]: int(found[2]) for found in re.finditer(r"(\w+)\W+dry run: held back commands=(\d+)", seen["log"])}
        print("held back over %d keys:" % seen["keys"], held)
        self.assertEqual({scanner["plugin"] for scanner in result["scanners"]} - held.keys(), SAYS_NOTHING, seen["log"])
        self.assertEqual(result["violations"], 0, result["violation_samples"])
        self.assertEqual(result["workload"]["due"], result["workload"]["done"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-host"]:
        act_as_host(sys.argv[2], sys.argv[3], sys.argv[4:])
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parsed, rest = parser.parse_known_args()
    BIN = parsed.bin
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
