#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""While the bundled scanners drain a cluster, 1,000 of its slots move and a replica takes over by force: in the end the store
equals a standalone server's that was left in peace.

    moving_slots_test.py --bin DIR --plugins DIR --root DIR [--server NAME] [unittest arguments]

SCANHOST_TEST_ITEMS items (default 4000) are spread over the scanners and their partitions.
"""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import world
from cluster_client import ClusterClient, slot_of
from hosts import Host, settled, until
from play_scanners import read_database
from private_cluster import Cluster
from run_vectors import connect, private_server, resolve, server_ms
from specimens import SPECIMENS

ITEMS = int(os.environ.get("SCANHOST_TEST_ITEMS", "4000"))
PATIENCE_S = 60 + ITEMS / 100
MOVED_SLOTS = 1000
PARTITIONS = {"flow": 16, "budget": 8, "quota": 8}
TAGS = {"{fp": "{fp:%d}", "{b:": "{b:%d}", "{q:": "{q:%d}"}
# All but one that only counts, and those that walk the keyspace and whose items are in no partition.
SCANNERS = [name for name in SPECIMENS if name not in ("index_reconciler", "flow_trimmer", "worker_registry_sweep")]


class ManyPartitions(Host):
    """So slow that its work lasts for some seconds, however few items there are."""

    def settings(self, interval_ms, scanners, more):
        return ["run: {rate: {commands_per_s: %d}}" % max(2000, ITEMS // 4),
                "partitions: {%s}" % ", ".join("%s: %d" % pair for pair in PARTITIONS.items()), "options: {lanes: [default]}",
                "scanners:", *("  %s: {interval: %dms}" % (name, interval_ms) for name in scanners)]

    def done(self, *words):
        code, text = self.command("ctl", *words)
        if code != 0:
            raise AssertionError("%s: %s" % (words, text))
        return text

    def failures(self):
        return json.loads(self.done("failures", "--json"))["failures"]

    def text_of_log(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8")


class MovingSlots(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.setups = world.setups()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-moving-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.cluster = resources.enter_context(Cluster(world.OPTIONS.server))
        address = resources.enter_context(private_server(world.OPTIONS.server))
        self.client, self.other = ClusterClient(self.cluster), resources.enter_context(connect(address))
        library = (world.OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        self.items = []  # (scanner, name, hash tag)
        self.hosts = []
        for name, client, url in (("moving", self.client, "valkey://127.0.0.1:%d" % self.cluster.nodes[0].port),
                                  ("quiet", self.other, address)):
            client.must("FUNCTION", "LOAD", library)
            self.hosts.append(ManyPartitions(self.folder / name, url, 300, SCANNERS))
            self.addCleanup(self.hosts[-1].kill)

    def seed(self, count):
        """On both, while no scanner begins a cycle; and every replica has all of it: else a failover loses it."""
        commands = []
        for number in range(len(self.items), len(self.items) + count):
            scanner = SCANNERS[number % len(SCANNERS)]
            specimen = SPECIMENS[scanner]
            family = "budget" if specimen.tag.startswith("{b") else "quota" if specimen.tag.startswith("{q") else "flow"
            tag = TAGS[specimen.tag[:3]] % (number // len(SCANNERS) % PARTITIONS[family])
            name = "%s-%d" % (scanner, number)
            here = specimen.moved(tag)
            commands += here.commands(here.id_of(name), self.setups)
            self.items.append((scanner, name, tag))
        now = server_ms(self.other)
        commands = [[resolve(part, now) for part in command] for command in commands]
        for client in (self.client, self.other):
            for start in range(0, len(commands), 10000):
                for reply in client.call_all(commands[start:start + 10000]):
                    self.assertFalse(hasattr(reply, "code"), reply)
        for node in self.cluster.primaries():
            self.assertGreaterEqual(node.client.must("WAIT", 1, 20000), 1, "a primary has a replica")

    def undone(self, client):
        """How many items are not done yet, by scanner."""
        left = dict.fromkeys(SCANNERS, 0)
        answers = client.call_all([world.Case.question(SPECIMENS[scanner].moved(tag), name)
                                   for scanner, name, tag in self.items])
        for (scanner, _, _), answer in zip(self.items, answers):
            left[scanner] += not world.Case.says_done(SPECIMENS[scanner], answer)
        return {scanner: count for scanner, count in left.items() if count}

    def reshard(self):
        """Among the slots are those of every second partition."""
        target = self.cluster.nodes[2]
        tags = {tag for _, _, tag in self.items}
        at_work = sorted({slot_of(tag) for tag in sorted(tags)[::2]})
        others = [slot for slot in range(MOVED_SLOTS) if slot not in at_work]
        self.cluster.move_slots([*at_work, *others[:MOVED_SLOTS - len(at_work)]], target)
        self.cluster.wait_until_ok()

    def take_over(self):
        self.cluster.take_over(next(node for node in self.cluster.nodes if node.alive and not node.is_primary))

    def test_the_store_is_as_a_quiet_one(self):
        moving, quiet = self.hosts
        for disturb in (self.reshard, self.take_over):
            for host in self.hosts:
                host.done("pause")
            self.seed(ITEMS // 2)
            for host in self.hosts:
                host.done("resume")
            self.assertTrue(self.undone(self.client), "there is work during the disturbance")
            disturb()
            self.client.look()
            self.assertEqual(moving.failures(), [], "no item is blamed for it")
        for client, host in ((self.client, moving), (self.other, quiet)):
            until(lambda: not self.undone(client), PATIENCE_S, lambda: "%s: %s" % (self.undone(client), host.text_of_log()))
        until(lambda: moving.ask("/readyz") == "ready\n", 20, lambda: moving.ask("/status.json"))
        before = [host.cycles() for host in self.hosts]
        until(lambda: all(now >= then[name] + 2 for host, then in zip(self.hosts, before)
                          for name, now in host.cycles().items()), PATIENCE_S, "two more cycles of each scanner")
        self.assertEqual((moving.failures(), quiet.failures()), ([], []))
        self.assertEqual([host.end() for host in self.hosts], [0, 0])
        shared, alone = {}, settled(read_database(self.other))
        for client in self.client.primaries:
            shared.update(settled(read_database(client)))
        self.assertGreater(len(alone), ITEMS)
        self.assertEqual({key: value for key, value in shared.items() if alone.get(key) != value},
                         {key: value for key, value in alone.items() if shared.get(key) != value})


if __name__ == "__main__":
    world.main()
