# SPDX-License-Identifier: Apache-2.0
"""One due item per scanner, copied from the contract's vectors as often as a test wants, and the host that sweeps it."""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "contract"
sys.path.insert(0, str(CONTRACT))

from run_vectors import connect, private_server, resolve, server_ms  # noqa: E402

OPTIONS = None

# vector: the case whose records are copied. word: what stands for the item in them. record: the key, without the
# word, that is read first. index: where the item is found. field, value: what the record says when it was handled;
# no field: the record is gone then. filtered: whether the filter counts. tracked: whether failures back off.
Specimen = collections.namedtuple("Specimen", "vector word record index field value filtered tracked page tag")


def _execution(vector, index, field, value, tracked, page, tag="{fp:0}"):
    return Specimen(vector, "exec-001", "ff:exec:%s:%s:%%s:core" % (tag, tag), "ff:idx:%s:%s" % (tag, index), field,
                    value, True, tracked, page, tag)


SPECIMENS = {
    "lease_expiry": _execution("lease_expiry/due", "lease_expiry", "ownership_state", "lease_expired_reclaimable", True,
                               50),
    "delayed_promoter": _execution("delayed_promoter/due_a_quarter_second_ago", "lane:default:delayed",
                                   "eligibility_state", "eligible_now", True, 50),
    "attempt_timeout": _execution("attempt_timeout/due_a_quarter_second_ago", "attempt_timeout", "lifecycle_phase",
                                  "terminal", True, 50),
    "execution_deadline": _execution("execution_deadline/due", "execution_deadline", "lifecycle_phase", "terminal",
                                     True, 50),
    "suspension_timeout": _execution("suspension_timeout/due", "suspension_timeout", "lifecycle_phase", "terminal",
                                     True, 50),
    "pending_wp_expiry": Specimen("pending_wp_expiry/due_a_quarter_second_ago", "exec-001", "ff:wp:{fp:0}:wp-%s",
                                  "ff:idx:{fp:0}:pending_waitpoint_expiry", "state", "closed", True, True, 100,
                                  "{fp:0}"),
    "retention_trimmer": _execution("retention_trimmer/a_quarter_second_over_a_day", "lane:default:terminal", None,
                                    None, False, 20),
    "unblock": _execution("unblock/quota_without_condition_is_unblocked", "lane:default:blocked:quota",
                          "eligibility_state", "eligible_now", False, 100),
    "dependency_reconciler": _execution("dependency_reconciler/last_edge_satisfied",
                                        "lane:default:blocked:dependencies", "eligibility_state", "eligible_now",
                                        False, 50, "{fp:1}"),
    "budget_reset": Specimen("budget_reset/due", "budget-1", "ff:budget:{b:0}:%s", "ff:idx:{b:0}:budget_resets",
                             "reset_count", "7", False, False, 20, "{b:0}"),
}


def vectors():
    with open(CONTRACT / "scanner_vectors.json", encoding="utf-8") as file:
        return json.load(file)


class Case(unittest.TestCase):
    """A private server with the functions on it, for each test."""

    @classmethod
    def setUpClass(cls):
        cls.setups = {one["name"]: one["setup"] for one in vectors()["vectors"] if "setup" in one}

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-scanners-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.address = resources.enter_context(private_server(OPTIONS.server))
        self.client = resources.enter_context(connect(self.address))
        library = (OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        self.client.must("FUNCTION", "LOAD", library)

    def clear(self):
        self.client.must("FLUSHALL")

    def seed(self, scanner, names):
        """Copies the scanner's specimen once for each name."""
        specimen = SPECIMENS[scanner]
        now = server_ms(self.client)
        commands = []
        for name in names:
            for command in self.setups[specimen.vector]:
                commands.append([resolve(part.replace(specimen.word, name), now) for part in command])
        self.send(commands)

    def send(self, commands):
        for start in range(0, len(commands), 500):
            for reply in self.client.call_all(commands[start:start + 500]):
                self.assertFalse(hasattr(reply, "code"), reply)

    def record(self, scanner, name):
        return SPECIMENS[scanner].record % name

    def done(self, scanner, name):
        specimen = SPECIMENS[scanner]
        if specimen.field is None:
            return self.client.must("EXISTS", self.record(scanner, name)) == 0
        return self.client.must("HGET", self.record(scanner, name), specimen.field) == specimen.value

    def member(self, scanner, name):
        """How the index calls the item."""
        if scanner == "pending_wp_expiry":
            return "wp-" + name
        return name if scanner == "budget_reset" else "%s:%s" % (SPECIMENS[scanner].tag, name)

    def config(self, scanners, options="", store="", more=""):
        file = self.folder / "scanhost.yaml"
        file.write_text("\n".join([
            "store: {url: 'unix://%s'%s}" % (self.address, store),
            "plugins: {path: ['%s'], staging: '%s'}" % (OPTIONS.plugins, self.folder / "staging"),
            "partitions: {%s}" % ", ".join("%s: 2" % family for family in self.families(scanners)),
            "options: {%s}" % options, "admin: {listen: none}", more, "scanners:",
            *("  %s: {%s}" % pair for pair in scanners.items()), ""]), encoding="utf-8")
        return file

    @staticmethod
    def families(scanners):
        wanted = set()
        for scanner in scanners:
            wanted |= {"budget_reset": {"budget"}, "budget_reconciler": {"budget"}, "quota_reconciler": {"quota"},
                       "unblock": {"flow", "budget", "quota"}}.get(scanner, {"flow"})
        return sorted(wanted)

    def sweep(self, scanner, cycles=1, options="", drain=True, store=""):
        """Runs the scanner for some cycles; gives each one's report. What was logged is in self.log."""
        file = self.config({scanner: "drain: %s" % str(drain).lower()}, options, store)
        run = subprocess.run([str(OPTIONS.bin / "scanhost"), "run", "--cycles", str(cycles), "--scanner", scanner,
                              "--json", "--config", str(file)], capture_output=True, encoding="utf-8",
                             errors="replace", timeout=120, stdin=subprocess.DEVNULL, env=dict(os.environ))
        self.log = run.stderr
        self.assertIn(run.returncode, (0, 1), "%s: %s" % (scanner, run.stderr))
        (told,) = json.loads(run.stdout)
        self.assertEqual(len(told["cycles"]), cycles, run.stderr)
        return told["cycles"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    global OPTIONS
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")
