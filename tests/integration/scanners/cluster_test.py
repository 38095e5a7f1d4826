#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every bundled scanner does its work on a cluster of three primaries with a replica each, over TLS, as exactly the least
user that `plugin describe --acl --cluster` prints.

    cluster_test.py --bin DIR --plugins DIR --root DIR [--server NAME] [unittest arguments]
"""

import json
import pathlib
import shutil
import subprocess
import tempfile

import world
from certificates import Authority
from cluster_client import ClusterClient
from private_cluster import Cluster, with_tls
from world import SPECIMENS, Case


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
