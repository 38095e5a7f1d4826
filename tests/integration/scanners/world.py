# SPDX-License-Identifier: Apache-2.0
"""Due items for each scanner, copied from the contract's vectors, and the host that sweeps them."""

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

TESTS = pathlib.Path(__file__).resolve().parents[2]
CONTRACT = TESTS / "contract"
sys.path[:0] = [str(CONTRACT), str(TESTS / "support")]

from play_scanners import read_database  # noqa: E402
from run_vectors import connect, private_server, resolve, server_ms  # noqa: E402
from specimens import SPECIMENS  # noqa: E402

OPTIONS = None

def vectors():
    with open(CONTRACT / "scanner_vectors.json", encoding="utf-8") as file:
        return json.load(file)


def setups():
    """The commands that make each vector's data, by the vector's name."""
    return {vector["name"]: vector["setup"] for vector in vectors()["vectors"] if "setup" in vector}


def put(text, name):
    return text.replace("%s", name)


def printable(text):
    """As the scanners print ids."""
    data = text.encode("utf-8", "surrogateescape")
    shown = "".join(chr(byte) if 32 <= byte <= 126 and byte != 92 else "\\x%02x" % byte for byte in data[:200])
    return shown + "..." if len(data) > 200 else shown


class Case(unittest.TestCase):
    """A private server with the functions on it, for each test."""

    host_address = None  # the socket that the host connects to, if it is not the server's own
    host_url = None  # likewise, of any kind

    @classmethod
    def setUpClass(cls):
        cls.setups = setups()

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

    def specimen(self, scanner, tag=None):
        return SPECIMENS[scanner].moved(tag) if tag else SPECIMENS[scanner]

    def seed(self, scanner, names, tag=None):
        """Makes the scanner's specimen once for each name; `tag` names the partition."""
        specimen = self.specimen(scanner, tag)
        self.make([command for name in names for command in specimen.commands(specimen.id_of(name), self.setups)])

    def make(self, commands):
        """Sends commands with $NOW in them."""
        now = server_ms(self.client)
        self.send([[resolve(part, now) for part in command] for command in commands])

    def send(self, commands):
        for start in range(0, len(commands), 500):
            for reply in self.client.call_all(commands[start:start + 500]):
                self.assertFalse(hasattr(reply, "code"), reply)

    def record(self, scanner, name, tag=None):
        return put(self.specimen(scanner, tag).record, SPECIMENS[scanner].id_of(name))

    def member(self, scanner, name, tag=None):
        """The item's member in the index."""
        return put(self.specimen(scanner, tag).member, SPECIMENS[scanner].id_of(name))

    def is_listed(self, scanner, name, tag=None):
        specimen = self.specimen(scanner, tag)
        query = "SISMEMBER" if specimen.is_set else "ZSCORE"
        return self.client.must(query, specimen.index, self.member(scanner, name, tag)) not in (None, 0)

    def done(self, scanner, name, tag=None):
        specimen = self.specimen(scanner, tag)
        if specimen.reported:
            named = "'%s'" % printable(self.member(scanner, name, tag))
            return any(named in line and "is not in" in line for line in self.lines())
        return self.says_done(specimen, self.client.call(*self.question(specimen, name)))

    def count_done(self, scanner, names):
        specimen = SPECIMENS[scanner]
        answers = self.client.call_all([self.question(specimen, name) for name in names])
        return sum(self.says_done(specimen, answer) for answer in answers)

    @staticmethod
    def question(specimen, name):
        key = put(specimen.result or specimen.record, specimen.id_of(name))
        if specimen.field is not None:
            return ["HGET", key, specimen.field]
        return ["EXISTS", key] if specimen.value is None else ["GET", key]

    @staticmethod
    def says_done(specimen, answer):
        if specimen.value is not None or hasattr(answer, "code"):
            return answer == specimen.value
        return answer == 0 if specimen.field is None else answer is not None

    def lines(self):
        """The messages that the last sweep logged."""
        return [json.loads(line)["message"] for line in self.log.splitlines() if line.startswith("{")]

    def owner(self, scanner, name, part):
        """A key of the execution whose namespace and tags the filter looks at."""
        specimen = SPECIMENS[scanner]
        owner = specimen.owner or "ff:exec:%s:%s:%%s:" % (specimen.tag, specimen.tag)
        return put(owner, specimen.id_of(name)) + part

    def database(self):
        """The store's contents."""
        return {key: (kind, value) for key, kind, _, value in read_database(self.client)}

    def may_touch(self, *patterns):
        """The `store` text with which the host may only access keys like these."""
        password = self.folder / "password"
        password.write_text("secret", encoding="utf-8")
        password.chmod(0o600)
        self.client.must("ACL", "SETUSER", "sweeper", "reset", "on", ">secret", "+@all", "&*",
                         *("~" + pattern for pattern in patterns))
        return ", username: sweeper, password_file: '%s'" % password

    def config(self, scanners, options="", store="", more=""):
        file = self.folder / "scanhost.yaml"
        file.write_text("\n".join([
            "store: {url: '%s'%s}" % (self.host_url or "unix://%s" % (self.host_address or self.address), store),
            "plugins: {path: ['%s'], staging: '%s'}" % (OPTIONS.plugins, self.folder / "staging"),
            "partitions: {%s}" % ", ".join("%s: 2" % family for family in self.families(scanners)),
            "options: {%s}" % options, "admin: {listen: none}", more, "scanners:",
            *("  %s: {%s}" % pair for pair in scanners.items()), ""]), encoding="utf-8")
        return file

    @staticmethod
    def families(scanners):
        families = set()
        for scanner in scanners:
            families |= {"budget_reset": {"budget"}, "budget_reconciler": {"budget"}, "quota_reconciler": {"quota"},
                         "unblock": {"flow", "budget", "quota"}, "flow_trimmer": set(),
                         "worker_registry_sweep": set()}.get(scanner, {"flow"})
        return sorted(families)

    def sweep(self, scanner, cycles=1, options="", drain=True, store=""):
        """Runs the scanner for some cycles and returns the report of each; the log is in self.log.

        The budget of a cycle is not what is tested: a sanitizer's build is slow, and how many pages a walk over the
        keyspace reads before it meets an item is the server's choice."""
        budget = "budget: {time: 60s, pages: 1000}"
        file = self.config({scanner: "drain: %s, %s" % (str(drain).lower(), budget)}, options, store)
        return self.run_cycles(file, scanner, cycles)

    def run_once(self, file, scanner):
        (report,) = self.run_cycles(file, scanner, 1)
        return report

    def run_cycles(self, file, scanner, cycles):
        run = subprocess.run([str(OPTIONS.bin / "scanhost"), "run", "--cycles", str(cycles), "--scanner", scanner,
                              "--json", "--config", str(file)], capture_output=True, encoding="utf-8",
                             errors="replace", timeout=120, stdin=subprocess.DEVNULL, env=dict(os.environ))
        self.log = run.stderr
        self.assertIn(run.returncode, (0, 1), "%s: %s" % (scanner, run.stderr))
        (report,) = json.loads(run.stdout)
        self.assertEqual(len(report["cycles"]), cycles, run.stderr)
        self.assertEqual([cycle["beyond_allowance"] for cycle in report["cycles"]], [0] * cycles, run.stderr)
        return report["cycles"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    global OPTIONS
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")
