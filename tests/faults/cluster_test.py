#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real host on a real cluster: it sweeps all of it, goes on through a reshard and failovers, and its commands look at
every primary."""

import binascii
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import reload_host
from certificates import Authority
from private_cluster import SLOTS, Cluster, with_tls
from reload_host import Host, eventually, scanhost, sha256, stamped
from resp import ReplyError
from run_vectors import find_server

PARTITIONS = 64
MAX_RESUME_S = 2.0


class OnCluster(Host):
    scanners = ("drains_due: {interval: 200ms}",)
    node_timeout_ms = 1500
    scheme = "valkey"
    store_keys = ()

    def setUp(self):
        super().setUp()
        self.cluster = Cluster(reload_host.OPTIONS.server, self.node_timeout_ms, self.more_for_nodes())
        self.addCleanup(self.cluster.close)
        self.put(stamped(1))

    def more_for_nodes(self):
        """What yields further arguments for each node of the cluster."""
        return tuple

    def port_for_host(self, node):
        return node.port

    def configure(self, mode="auto", seeds=None):
        nodes = seeds or self.cluster.nodes[:2]
        self.file.write_text("\n".join([
            "store:", "  url: %s://127.0.0.1:%d" % (self.scheme, self.port_for_host(nodes[0])), "  mode: %s" % mode,
            "  addresses: [%s]" % ", ".join("'127.0.0.1:%d'" % self.port_for_host(node) for node in nodes[1:]),
            *("  " + line for line in self.store_keys),
            "plugins: {path: ['%s'], staging: '%s', watch: false}" % (self.plugins, self.staging),
            "admin: {listen: '127.0.0.1:0', socket: control.sock}",
            "partitions: {%s: %d}" % (self.family(), PARTITIONS),
            "scanners:", *("  " + line for line in self.scanners), ""]), encoding="utf-8")

    def family(self):
        described = json.loads(scanhost("plugin", "describe", "--json", self.plugins / "drains_due.so").stdout)
        return described["families"][0]["name"]

    # --- the store

    def each_partition(self, *command):
        """The replies to a command with `*` in its key, for all partitions."""
        return [self.cluster.at("{s:%d}" % n).must(*(str(word).replace("*", "{s:%d}" % n) for word in command))
                for n in range(PARTITIONS)]

    def seed_all(self, count, first=0, due=None):
        """Items with the numbers from `first` on, spread over all partitions."""
        due = int(time.time() * 1000) - 1000 if due is None else due
        for partition in range(PARTITIONS):
            for start in range(first + partition, first + count, PARTITIONS * 500):
                numbers = range(start, min(first + count, start + PARTITIONS * 500), PARTITIONS)
                self.add("{s:%d}" % partition, [word for number in numbers for word in (due, "item:%d" % number)])

    def add(self, tag, entries):
        """Until the cluster takes it; notes when it refused last: before that it has not recovered."""
        def is_taken():
            reply = self.cluster.at(tag).call("ZADD", "due:" + tag, *entries)
            if not isinstance(reply, ReplyError):
                return True
            self.assertIn(reply.code, ("CLUSTERDOWN", "MOVED"))
            self.refused_at = time.monotonic()
            return False
        eventually(is_taken, "the cluster takes a write")

    def replicate(self):
        """What only a primary has is lost with it, whoever drains it."""
        for node in self.cluster.primaries():
            self.assertGreaterEqual(node.client.must("WAIT", 1, 20000), 1, "a primary has a replica")

    def waiting_now(self):
        return sum(self.each_partition("ZCARD", "due:*"))

    def all_is_done_once(self, count):
        done = {}
        for flat in self.each_partition("HGETALL", "due:done:*"):
            done.update(zip(flat[::2], flat[1::2]))
        lost = sorted({"item:%d" % number for number in range(count)} - set(done), key=lambda item: int(item[5:]))
        self.assertEqual(lost, [], "lost: partitions %s" % sorted({int(item[5:]) % PARTITIONS for item in lost}))
        self.assertEqual(set(done.values()), {"1"}, "done twice")

    def report(self):
        return scanhost("run", "--config", self.file, "--once", "--json")


class Whole(OnCluster):
    def test_one_run_sweeps_all_nodes(self):
        self.configure()
        self.seed_all(1000)
        ran = self.report()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.waiting_now(), 0, ran.stderr)
        self.all_is_done_once(1000)

    def test_another_seed_is_used_when_the_first_is_gone(self):
        self.configure("cluster", [self.cluster.nodes[0], self.cluster.nodes[1]])
        self.cluster.kill(self.cluster.nodes[0])
        self.seed_all(200)
        ran = self.report()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.all_is_done_once(200)

    def test_a_cluster_is_no_standalone_server(self):
        self.configure("standalone")
        ran = self.report()
        self.assertIn(ran.returncode, (77, 78), ran.stderr)
        self.assertIn("store.mode is standalone", ran.stderr)
        lines = [line for line in ran.stderr.splitlines() if "store.mode is standalone" in line]
        self.assertEqual(len(lines), 1, ran.stderr)  # which names each server that was tried


class Moving(OnCluster):
    items = int(os.environ.get("SCANHOST_TEST_ITEMS", "200000"))
    slots = 1000

    def test_a_reshard_and_failovers_lose_nothing(self):
        self.configure()
        self.start()
        self.seeded_items = 0
        for disturb in (self.reshard, self.take_over, self.kill_a_primary):
            self.done("pause", "drains_due")
            self.seed_more(self.items // 3)
            self.replicate()
            self.done("resume", "drains_due")
            self.assertGreater(self.waiting_now(), 0, "there is work during the disturbance")
            disturb()
            resumed = self.resumes()
            print("%s: resumed after %.2f s" % (disturb.__name__, resumed))
            self.assertLess(resumed, MAX_RESUME_S, "%s: %s" % (disturb.__name__, self.log()))
        eventually(lambda: self.waiting_now() == 0, lambda: "all is done: " + self.log(), 300)
        self.all_is_done_once(self.seeded_items)
        eventually(self.is_ready, lambda: "ready again: " + self.log())

    def seed_more(self, count, due=None):
        self.seed_all(count, self.seeded_items, due)
        self.seeded_items += count

    def resumes(self):
        """How long it takes from now until every partition has done an item, one that is due before all others."""
        self.refused_at, first = time.monotonic(), self.seeded_items
        self.seed_more(PARTITIONS, due=1)
        for partition in range(PARTITIONS):
            client, key = self.cluster.at("{s:%d}" % partition), "due:done:{s:%d}" % partition
            item = "item:%d" % (first + partition)
            eventually(lambda: client.must("HGET", key, item) == "1", lambda: "%s of %s: %s" % (item, key, self.log()))
        return time.monotonic() - self.refused_at

    def is_ready(self):
        state = self.status()["store"]
        return state["state"] == "up" and state["unreachable"] == []

    def reshard(self):
        """Among the slots are those of some partitions that are at work."""
        target = self.cluster.nodes[2]
        with_keys = {self.cluster.slot("{s:%d}" % n) for n in range(0, PARTITIONS, 4)}
        others = [slot for slot in range(self.slots) if slot not in with_keys]
        self.cluster.move_slots([*with_keys, *others[:self.slots - len(with_keys)]], target)
        self.cluster.wait_until_ok()

    def take_over(self):
        replica = next(node for node in self.cluster.nodes if node.alive and not node.is_primary)
        self.cluster.take_over(replica)

    def kill_a_primary(self):
        shards = self.cluster.nodes[0].client.must("CLUSTER", "SLOTS")
        ports = {node[1] for entry in shards if len(entry) > 3 for node in entry[2:3]}
        victim = next(node for node in self.cluster.primaries() if node.port in ports)
        self.cluster.kill(victim)


class Frozen(OnCluster):
    """A primary stands still while its connections stay, and while scans of its partitions are under way."""

    count = 30000
    command_timeout_s = 30
    # Far less than the command timeout, which everything would wait for that waits for the node.
    patience_s = 15
    store_keys = ("command_timeout: %ds" % command_timeout_s,)
    node_timeout_ms = 600000

    def setUp(self):
        super().setUp()
        self.configure()
        self.start()
        eventually(self.is_ready, lambda: "ready: " + self.log())
        self.frozen = self.cluster.nodes[1]
        self.at = {"{s:%d}" % n: self.cluster.owner(self.cluster.slot("{s:%d}" % n)) for n in range(PARTITIONS)}
        self.items = self.count

    def is_ready(self):
        state = self.status()["store"]
        return state["state"] == "up" and state["unreachable"] == []

    def freeze_at_work(self):
        self.done("pause", "drains_due")
        self.seed_all(self.count)
        self.replicate()
        before = self.cluster_work()
        self.done("resume", "drains_due")
        eventually(lambda: self.cluster_work() > before, lambda: "it drains: " + self.log())
        self.frozen.freeze()

    def cluster_work(self):
        return sum(self.cluster.nodes[2].client.must("HLEN", "due:done:" + tag)
                   for tag, node in self.at.items() if node is self.cluster.nodes[2])

    def is_named(self):
        state = self.status()["store"]
        name = "127.0.0.1:%d" % self.frozen.port
        return state["state"] == "down" and state["unreachable"] == [name] and name in state["last_error"]

    def others(self):
        return [tag for tag, node in self.at.items() if node is not self.frozen]

    def done_by(self, tags, clients=None):
        """How long new items of these partitions take, each behind the one of all before."""
        due, since, names = int(time.time() * 1000) - 1000, time.monotonic(), {}
        for tag in tags:
            client = (clients or (lambda tag: self.at[tag].client))(tag)
            names[tag] = (client, "item:%d" % self.items)
            client.must("ZADD", "due:" + tag, due, names[tag][1])
            self.items += 1
        for tag, (client, item) in names.items():
            eventually(lambda: client.must("HGET", "due:done:" + tag, item) == "1", lambda: "%s: %s" % (item, self.log()))
        return time.monotonic() - since

    def blames_nobody(self):
        state = self.status()
        self.assertEqual(state["items_in_back_off"], 0, state)
        self.assertEqual(state["restarts"], 0, state)
        self.assertNotIn("rolled back", self.log())

    def ends_well(self):
        eventually(self.is_ready, lambda: "ready again: " + self.log())
        eventually(lambda: self.waiting_now() == 0, lambda: "all is done: " + self.log())
        self.all_is_done_once(self.items)
        self.blames_nobody()

    def test_the_partitions_of_other_nodes_go_on_and_the_node_is_named(self):
        self.freeze_at_work()
        eventually(self.is_named, lambda: "the node is named: %s" % self.status(), self.patience_s)
        eventually(lambda: self.ctl("status").returncode == 0, "the host answers")
        slowest = max(self.done_by(self.others()) for _ in range(8))
        print("the slowest of 8 rounds beside a frozen node took %.2f s" % slowest)
        self.assertLess(slowest, self.patience_s, self.log())
        self.frozen.thaw()
        resumed = self.done_by(self.at)
        print("resumed after %.2f s" % resumed)
        self.assertLess(resumed, self.patience_s, self.log())
        self.ends_well()


class FrozenForLong(Frozen):
    """For longer than the command timeout: its connections are lost, and cannot be made again."""

    store_keys = ("command_timeout: 1500ms", "connect_timeout: 1500ms")

    def test_the_partitions_of_other_nodes_go_on_and_the_node_is_named(self):
        self.freeze_at_work()
        eventually(lambda: "no reply within the command timeout" in self.log(), lambda: "it is lost: " + self.log())
        eventually(lambda: "within the connect timeout" in self.status()["store"]["last_error"],
                   lambda: "it cannot be reached: %s" % self.status())
        self.assertTrue(self.is_named(), self.status())
        self.done_by(self.others())
        self.frozen.thaw()
        self.assertEqual(self.frozen.client.must("PING"), "PONG")
        resumed = self.done_by(self.at)
        print("resumed after %.2f s" % resumed)
        self.assertLess(resumed, MAX_RESUME_S, self.log())
        self.ends_well()


class FrozenAndReplaced(Frozen):
    """The cluster gives its slots to its replica, long before its commands time out."""

    node_timeout_ms = 1500

    def test_the_partitions_of_other_nodes_go_on_and_the_node_is_named(self):
        self.freeze_at_work()
        mine = [tag for tag, node in self.at.items() if node is self.frozen]
        replica = self.cluster.nodes[self.cluster.nodes.index(self.frozen) + 3]
        eventually(lambda: replica.is_primary, "its replica takes over")
        running = [node for node in self.cluster.nodes if node is not self.frozen]
        eventually(lambda: all("cluster_state:ok" in node.client.must("CLUSTER", "INFO") for node in running),
                   "the cluster goes on")
        resumed = self.done_by(mine, lambda tag: replica.client)
        print("resumed after %.2f s" % resumed)
        self.assertLess(resumed, self.patience_s, self.log())
        eventually(self.is_ready, lambda: "ready without it: " + self.log())
        self.frozen.thaw()
        eventually(lambda: not self.frozen.is_primary, "the node becomes a replica")
        self.cluster.wait_until_ok()
        self.ends_well()


class NodeFamily(OnCluster):
    """A scanner that visits each primary, while primaries come and go."""

    scanners = ("counts_keys: {interval: 200ms}", "drains_due: {interval: 200ms}")
    keys = 3000
    patience_s = 20  # a hundred cycles, but less than the time after which the host asks for the topology in any case

    def setUp(self):
        super().setUp()
        source = reload_host.HERE / "reload_plugins" / "counts_keys.cpp"
        self.put(reload_host.BUILDS.get(name="counts_keys", cxx=True, source=source), "counts_keys")
        self.configure()
        self.fill()

    def fill(self):
        """Keys in many slots of all nodes."""
        owners = {slot: node for node in self.cluster.primaries() for slot in self.cluster.slots_of(node)}
        clients = {}
        for number in range(self.keys):
            key = "key:%d" % number
            clients.setdefault(owners[binascii.crc_hqx(key.encode(), 0) % SLOTS], []).append(["SET", key, "v"])
        for node, commands in clients.items():
            node.client.call_all(commands)

    def counts(self, partitions):
        """Waits until cycles visit each of so many primaries once, and goes on doing so."""
        def is_so():
            now = self.status("counts_keys")
            return now["partitions"] == partitions and now["backlog"] == self.keys
        eventually(is_so, lambda: "%d partitions: %s %s" % (partitions, self.status("counts_keys"), self.log()),
                   self.patience_s)
        self.cycles_pass("counts_keys", 3)
        self.assertTrue(is_so(), self.status("counts_keys"))

    def test_partitions_come_and_go_with_the_primaries(self):
        self.start()
        self.counts(3)
        added = self.cluster.add_primary()
        slots = self.cluster.slots_of(self.cluster.nodes[0])[:100]
        self.cluster.move_slots(slots, added)
        self.cluster.wait_until_ok()
        self.counts(4)
        self.assertRegex(self.done("status", "counts_keys"), r"partitions +4 of ")
        self.cluster.move_slots(slots, self.cluster.nodes[1])
        self.cluster.wait_until_ok()
        self.counts(3)
        self.cluster.remove(added)
        self.counts(3)
        state = self.status("counts_keys")
        self.assertEqual(state["totals"]["errors"], 0, self.log())
        self.assertEqual(state["restarts"], 0, state)
        eventually(lambda: self.status("counts_keys")["store"]["unreachable"] == [], lambda: "up: " + self.log())


class Reloads(OnCluster):
    """Over TLS, as the least user that is printed for a cluster."""

    scheme = "valkeys"

    def more_for_nodes(self):
        self.authority = Authority(self.folder, "ca")
        return with_tls(self.authority)

    def port_for_host(self, node):
        return node.tls_port

    def configure(self, mode="auto", seeds=None):
        password = self.folder / "password"
        password.write_text("secret", encoding="utf-8")
        password.chmod(0o600)
        self.store_keys = ("username: scanhost", "password_file: '%s'" % password, "tls: {ca_file: '%s'}" % self.authority.file)
        super().configure(mode, seeds)
        described = scanhost("plugin", "describe", "--acl", "--cluster", "--json", self.plugins / "drains_due.so")
        words = json.loads(described.stdout)["command"].replace(">PASSWORD", ">secret").split(" ")
        for node in self.cluster.nodes:
            node.client.must(*words)
            node.client.must("ACL", "LOG", "RESET")

    def seed_more(self, count=PARTITIONS * 10):
        self.seed_all(count, self.seeded_items)
        self.seeded_items += count

    def outcome_is(self, outcome, data):
        """Waits until the last entry of the history says so and this build does the work; items arrive meanwhile."""
        def is_so():
            now = self.status()
            if now["history"][-1]["outcome"] == outcome and now["sha256"] == sha256(data):
                return True
            self.seed_more()
            return False
        eventually(is_so, lambda: "%s: %s" % (outcome, self.log()))

    def test_a_build_passes_its_probation_and_a_bad_one_goes_back(self):
        self.configure()
        self.seeded_items = 0
        self.seed_more()
        self.start()
        self.cycles_pass()
        self.put(stamped(2))
        self.done("reload")
        self.outcome_is("reloaded", stamped(2))
        eventually(lambda: not self.status()["probation"] or self.seed_more(), lambda: "its probation ends: " + self.log())
        self.put(stamped(3, "ALWAYS_ERRS"))
        self.done("reload")
        self.outcome_is("rolled_back", stamped(2))
        self.seed_more()
        eventually(lambda: self.waiting_now() == 0, lambda: "all is done: " + self.log())
        self.all_is_done_once(self.seeded_items)
        self.assertEqual([node.client.must("ACL", "LOG") for node in self.cluster.nodes], [[]] * len(self.cluster.nodes))


class Killed(unittest.TestCase):
    def test_a_test_that_is_killed_leaves_no_node_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            script = ("import pathlib, sys, time; sys.path[:] = %r; from private_cluster import Node; "
                      "print(Node(pathlib.Path(%r), %r).process.pid, flush=True); time.sleep(600)"
                      % (sys.path, folder + "/node", reload_host.OPTIONS.server or find_server()))
            with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8") as test:
                try:
                    pid = int(test.stdout.readline())
                    self.assertTrue(self.runs(pid))
                finally:
                    test.kill()
            eventually(lambda: not self.runs(pid), "the node has ended")

    @staticmethod
    def runs(pid):
        try:
            state = pathlib.Path("/proc/%d/stat" % pid).read_text(encoding="utf-8").rpartition(") ")[2][0]
        except OSError:
            return False
        return state not in "ZX"


class Functions(OnCluster):
    def test_a_function_that_one_primary_lacks_is_missing_until_all_have_it(self):
        self.configure()
        plugins = reload_host.OPTIONS.bin.parent / "plugins"
        self.file.write_text("\n".join([
            "store: {url: 'valkey://127.0.0.1:%d'}" % self.cluster.nodes[0].port,
            "plugins: {path: ['%s'], staging: '%s', watch: false}" % (plugins, self.staging),
            "admin: {listen: '127.0.0.1:0', socket: control.sock}",
            "scanners: {lease_expiry: {interval: 1s}}", ""]), encoding="utf-8")
        missing = scanhost("functions", "status", "--config", self.file)
        self.assertEqual(missing.returncode, 1, missing.stderr)
        installed = scanhost("functions", "install", "--config", self.file, "--json")
        self.assertEqual(installed.returncode, 0, installed.stderr)
        self.assertEqual({entry["step"] for entry in json.loads(installed.stdout)}, {"loaded"})
        self.assertEqual(len(json.loads(installed.stdout)), 3)
        self.assertEqual([len(names) for names in self.cluster.everywhere("FUNCTION", "LIST")], [1, 1, 1])
        self.cluster.nodes[1].client.must("FUNCTION", "FLUSH")
        self.assertEqual(scanhost("functions", "status", "--config", self.file).returncode, 1)
        again = json.loads(scanhost("functions", "install", "--config", self.file, "--json").stdout)
        self.assertEqual(sorted(entry["step"] for entry in again), ["kept_same", "kept_same", "loaded"])
        self.assertEqual(scanhost("functions", "status", "--config", self.file).returncode, 0)
        ran = scanhost("run", "--config", self.file, "--once")
        self.assertEqual(ran.returncode, 0, ran.stderr)


if __name__ == "__main__":
    reload_host.main()
