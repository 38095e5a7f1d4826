#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every bundled scanner does its work on a cluster of three primaries with a replica each, over TLS, as exactly the least
user that `plugin describe --acl --cluster` prints.

    cluster_test.py --bin DIR --plugins DIR --root DIR [--server NAME] [unittest arguments]
"""

import binascii
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import world
from certificates import Authority
from world import SPECIMENS, Case

sys.path.insert(0, str(world.TESTS / "faults"))

from private_cluster import SLOTS, Cluster, with_tls  # noqa: E402

# Commands that are about no key: everything is said to each primary.
OF_SERVERS = ("FLUSHALL", "FUNCTION", "TIME")
SCRIPT_CALLS = ("FCALL", "EVAL", "EVALSHA")


def slot_of(key):
    data = key.encode("utf-8", "surrogateescape")
    begin = data.find(b"{")
    end = data.find(b"}", begin + 1)
    if begin >= 0 and end > begin + 1:
        data = data[begin + 1:end]
    return binascii.crc_hqx(data, 0) % SLOTS


class ClusterClient:
    """As the client of one server, for a cluster whose slots do not move."""

    def __init__(self, cluster):
        self.primaries = [node.client for node in cluster.primaries()]
        self.owners = {}
        for node in cluster.primaries():
            self.owners.update((slot, node.client) for slot in cluster.slots_of(node))

    def call(self, *command):
        if command[0] in OF_SERVERS:
            return [client.call(*command) for client in self.primaries][-1]
        key = command[3 if command[0] in SCRIPT_CALLS else 1]
        return self.owners[slot_of(key)].call(*command)

    def must(self, *command):
        reply = self.call(*command)
        if hasattr(reply, "code"):
            raise RuntimeError("%s: %s" % (command, reply))
        return reply

    def call_all(self, commands):
        return [self.call(*command) for command in commands]


class Scanners(Case):
    """The cluster is made once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-cluster-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.files, ignore_errors=True)
        cls.authority = Authority(cls.files, "ca")
        cls.cluster = Cluster(world.OPTIONS.server, timeout_ms=600000, more=with_tls(cls.authority))
        cls.addClassCleanup(cls.cluster.close)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-scanners-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.client = ClusterClient(self.cluster)
        library = (world.OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        self.client.must("FUNCTION", "LOAD", "REPLACE", library)
        password = self.folder / "password"
        password.write_text("secret", encoding="utf-8")
        password.chmod(0o600)
        self.host_url = "valkeys://127.0.0.1:%d" % self.cluster.nodes[0].tls_port
        self.store = ", mode: cluster, username: scanhost, password_file: '%s', tls: {ca_file: '%s'}" % (
            password, self.authority.file)

    def become_user_of(self, scanner):
        done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "plugin", "describe", "--acl", "--cluster", scanner,
                               "--json", "--plugins", str(world.OPTIONS.plugins)],
                              capture_output=True, encoding="utf-8", timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        words = json.loads(done.stdout)["command"].replace(">PASSWORD", ">secret").split(" ")
        for node in self.cluster.nodes:
            node.client.must("ACL", "LOG", "RESET")
            self.assertEqual(node.client.must(*words), "OK")

    def denied(self):
        entries = [dict(zip(entry[::2], entry[1::2])) for node in self.cluster.nodes
                   for entry in node.client.must("ACL", "LOG", "1000")]
        return sorted({entry["object"] for entry in entries})

    def test_every_scanner_works_as_exactly_its_least_user_over_tls(self):
        names = ["a", "b"]
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, names)
                self.become_user_of(scanner)
                (report,) = self.sweep(scanner, store=self.store)
                self.assertEqual([name for name in names if not self.done(scanner, name)], [], self.log)
                self.assertEqual(report["errors"], 0, self.log)
                self.assertEqual(self.denied(), [])


if __name__ == "__main__":
    world.main()
