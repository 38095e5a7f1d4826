#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`scanhost ctl explain` over every bundled scanner: items that are due, that wait, that are nowhere, that are filtered or
in back-off; it changes nothing, and works in a dry run and as the least user.

    explain_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import contextlib
import json
import subprocess
import time
import urllib.parse

import world
from edge_cancels_test import Flow
from hosts import Host, until
from play_scanners import read_database
from specimens import WAITS, blocked
from world import SPECIMENS, Case, put

EDGES = ("edge_cancel_dispatcher", "edge_cancel_reconciler")
FAR = 4102444800000
NOBODY = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

# What they say of an item that they have to do with, if that is not `due`.
REPORTED = {"index_reconciler": "held"}


class OnePartition(Host):
    """All families have one partition, so that every id lies in it."""

    def settings(self, interval_ms, scanners, more):
        lines = super().settings(interval_ms, scanners, more)
        return [line.replace(": 2", ": 1") if line.startswith("partitions:") else line for line in lines]

    def explain(self, item, scanner=None):
        target = "/explain.json/" + urllib.parse.quote(item, safe="", errors="surrogateescape")
        document = json.loads(self.ask(target + ("?scanner=" + scanner if scanner else "")))
        assert document["version"] == 1
        return {entry["scanner"]: entry for entry in document["scanners"]}


class Explanations(Case):
    def setUp(self):
        super().setUp()
        self.scanners = sorted(plugin.stem for plugin in world.OPTIONS.plugins.glob("*.so"))
        self.assertEqual(set(self.scanners) - set(SPECIMENS), set(EDGES))
        self.configure_store()

    def configure_store(self):
        self.client.must("HSET", "ff:config:partitions", "num_flow_partitions", "1", "num_budget_partitions", "1",
                         "num_quota_partitions", "1")

    @contextlib.contextmanager
    def host(self, keys="dry_run: true", interval_ms=200, store="", only=None):
        """A host with all scanners, or with these."""
        more = {name: keys for name in only or self.scanners}
        host = OnePartition(self.folder / ("host-%d" % time.monotonic_ns()), self.address, interval_ms, scanners=[],
                            more=more, store=store)
        try:
            until(lambda: min(host.cycles().values()) > 0, 120, host.cycles)
            yield host
        finally:
            host.kill()

    def contents(self):
        """The whole store with its times to live."""
        expiries = {key: self.client.must("PEXPIRETIME", key) for key in self.client.must("KEYS", "*")}
        return sorted(read_database(self.client), key=str), expiries

    def on_home(self, scanner):
        """Its specimen in the partition 0, which is the only one."""
        specimen = SPECIMENS[scanner]
        return specimen.moved(specimen.tag.replace(":1}", ":0}")) if ":1}" in specimen.tag else specimen

    @staticmethod
    def at_home(commands):
        return [[part.replace(":1}", ":0}") for part in command] for command in commands]

    def make_item(self, scanner, name="item"):
        """Makes something for the scanner to do; the item."""
        if scanner in EDGES:
            flow = Flow("flow of " + name, 3)
            self.send(self.at_home(flow.commands()))
            self.send(self.at_home(flow.end(0)))
            index, = [key for key in self.client.must("KEYS", "*:pending_cancel_groups")]
            return sorted(self.client.must("SMEMBERS", index))[0]
        specimen = self.on_home(scanner)
        self.make(specimen.commands(specimen.id_of(name), self.setups))
        return specimen.id_of(name) if specimen.is_uuid or scanner == "flow_trimmer" else put(specimen.member, name)

    def start_over(self):
        self.clear()
        self.configure_store()

    def check(self, host, scanner, item, standing):
        (entry,) = host.explain(item, scanner).values()
        self.assertIsNone(entry["problem"], entry)
        self.assertEqual(entry["standing"], standing, entry)
        self.assertTrue(all(finding["reason"] for finding in entry["findings"]), entry)
        return entry



class Explained(Explanations):
    def test_what_is_due_is_so_and_nothing_is_changed(self):
        with self.host() as host:
            for scanner in self.scanners:
                with self.subTest(scanner=scanner):
                    self.start_over()
                    item = self.make_item(scanner)
                    if scanner == "worker_registry_sweep":  # it has to have found the registry
                        seen = host.cycles()[scanner]
                        until(lambda: host.cycles()[scanner] > seen + 1, 60, "two cycles")
                    before = self.contents()
                    entry = self.check(host, scanner, item, REPORTED.get(scanner, "due"))
                    self.assertEqual(self.contents(), before)
                    self.assertFalse(entry["acts"], entry)
                    if entry["standing"] == "due":
                        self.assertIn("runs dry", " ".join(entry["obstacles"]))
                        self.assertIsNone(entry["acts_at_ms"])

    def test_all_scanners_are_asked_at_once_and_texts_of_any_bytes_are_answered(self):
        with self.host() as host:
            for scanner in self.scanners:
                self.make_item(scanner, "item of " + scanner)
            before = self.contents()
            for item in (NOBODY, "{fp:0}:" + NOBODY, "nobody", "{fp:9}:" + NOBODY, "with space", "{x}", "a|b",
                         "\udcff\udcfe", "x" * 5000):
                with self.subTest(item=item[:40]):
                    entries = host.explain(item)
                    self.assertEqual(sorted(entries), self.scanners)
                    for scanner, entry in entries.items():
                        self.assertIsNone(entry["problem"], (scanner, entry))
                        self.assertEqual((entry["standing"], entry["acts"]), ("not_here", False), (scanner, entry))
            self.assertEqual(self.contents(), before)
            self.assertEqual({scanner: totals["errors"] for scanner, totals in host.totals().items()
                              if totals["errors"]}, {})

    def test_what_waits_says_until_when(self):
        with self.host() as host:
            scored = {name for name in SPECIMENS if not SPECIMENS[name].is_set} - {"unblock", "dependency_reconciler",
                                                                                    "retention_trimmer"}
            for scanner in sorted(scored):
                with self.subTest(scanner=scanner):
                    self.start_over()
                    item = self.make_item(scanner)
                    specimen = self.on_home(scanner)
                    self.client.must("ZADD", specimen.index, FAR, put(specimen.member, specimen.id_of("item")))
                    entry = self.check(host, scanner, item, "waiting")
                    (finding,) = entry["findings"]
                    self.assertEqual((finding["index"], finding["score"], finding["due_ms"]), (specimen.index, FAR, FAR))

    def test_what_is_kept_or_in_order_says_why(self):
        with self.host() as host:
            # an execution whose retention is not over
            self.start_over()
            item = self.make_item("retention_trimmer")
            now = str(int(time.time() * 1000) - 1000)
            self.client.must("HSET", "ff:exec:{fp:0}:%s:core" % item, "completed_at", now)
            entry = self.check(host, "retention_trimmer", item, "waiting")
            self.assertEqual(entry["findings"][0]["due_ms"], int(now) + 24 * 3600 * 1000)
            # one that is where it belongs
            self.start_over()
            item = self.make_item("index_reconciler")
            self.client.must("ZADD", "ff:idx:{fp:0}:lane:default:eligible", "1", item)
            self.check(host, "index_reconciler", item, "in_order")
            # a lease that is marked
            self.start_over()
            item = self.make_item("lease_expiry")
            self.client.must("HSET", "ff:exec:{fp:0}:%s:core" % item, "ownership_state", "lease_expired_reclaimable")
            entry = self.check(host, "lease_expiry", item, "in_order")
            self.assertIn("worker that reclaims it", entry["findings"][0]["reason"])
            # a child whose upstream has not ended
            self.start_over()
            item = self.make_item("dependency_reconciler")
            for key in self.client.must("KEYS", "ff:exec:*:core"):
                if not key.startswith("ff:exec:{fp:0}:%s:" % item):
                    self.client.must("HSET", key, "lifecycle_phase", "active")
            self.check(host, "dependency_reconciler", item, "held")
            # a budget within its limits
            self.start_over()
            item = self.make_item("budget_reconciler")
            self.client.must("HSET", "ff:budget:{b:0}:%s:usage" % item, "tokens", "3")
            self.check(host, "budget_reconciler", item, "in_order")
            # a flow that was changed just now
            self.start_over()
            item = self.make_item("flow_trimmer")
            self.client.must("HSET", "ff:flow:{fp:0}:%s:core" % item, "last_mutation_at", now)
            self.check(host, "flow_trimmer", item, "waiting")

    def test_blocked_executions_say_what_they_wait_for(self):
        with self.host(only=["unblock"]) as host:
            for kind, wait in WAITS.items():
                with self.subTest(kind=kind):
                    self.start_over()
                    self.make(self.at_home(blocked(kind, "item")))
                    # What the workers can do is left to the cycles.
                    self.check(host, "unblock", "{fp:0}:item", "held" if kind == "route" else "due")
                    if kind == "quota":
                        self.client.must("SET", wait.key.replace(":1}", ":0}") + ":concurrency", "2")
                    elif kind == "budget":
                        self.client.must("HSET", wait.key.replace(":1}", ":0}") + ":usage", "tokens", "10")
                    else:
                        continue
                    before = self.contents()
                    self.check(host, "unblock", "{fp:0}:item", "held")
                    self.assertEqual(self.contents(), before)

    def test_what_the_filter_leaves_out_is_filtered(self):
        filtered = [name for name in SPECIMENS if SPECIMENS[name].filtered and name != "dependency_reconciler"]
        with self.host("dry_run: true, options: {namespace: another}", only=filtered) as host:
            for scanner in filtered:
                with self.subTest(scanner=scanner):
                    self.start_over()
                    item = self.make_item(scanner)
                    if scanner == "cancel_reconciler":
                        item = "{fp:0}:" + item  # the filter is for members, not for flows
                    self.check(host, scanner, item, "filtered")

    def test_back_off_and_pauses_are_shown_by_the_host(self):
        with self.host("page_size: 10", interval_ms=100, only=["lease_expiry"]) as host:
            item = "{fp:0}:" + NOBODY
            self.client.must("SET", "ff:exec:{fp:0}:%s:core" % item, "of no use")
            self.client.must("ZADD", "ff:idx:{fp:0}:lease_expiry", "1000", item)
            until(lambda: any("in back-off until" in text for text in host.explain(item)["lease_expiry"]["obstacles"]), 60,
                  lambda: host.explain(item))
            entry = host.explain(item)["lease_expiry"]
            self.assertEqual(entry["standing"], "malformed", entry)
            self.assertFalse(entry["acts"])
            self.assertGreaterEqual(entry["failures"][0]["times"], 3)
            self.assertIn("WRONGTYPE", entry["failures"][0]["last_message"])
            code, text = host.command("ctl", "explain", item)
            self.assertEqual(code, 0, text)
            self.assertIn("lease_expiry does not act on it at present\n  kept back it is in back-off until", text)
            self.client.must("DEL", "ff:exec:{fp:0}:%s:core" % item, "ff:idx:{fp:0}:lease_expiry")
            self.seed("lease_expiry", ["other"])
            self.client.must("ZADD", "ff:idx:{fp:0}:lease_expiry", FAR, "{fp:0}:other")
            entry = host.explain("{fp:0}:other")["lease_expiry"]
            self.assertEqual((entry["acts"], entry["acts_at_ms"]), (True, FAR))
            host.command("ctl", "pause", "--reason", "a test")
            entry = host.explain("{fp:0}:other")["lease_expiry"]
            self.assertFalse(entry["acts"])
            self.assertIn("a test", " ".join(entry["obstacles"]))

    def test_what_cannot_be_asked_is_refused(self):
        with self.host(only=["lease_expiry"]) as host:
            for words, message in ((["explain"], "item is required"), (["explain", ""], "1 to 8192 bytes"),
                                   (["explain", "a", "--scanner", "lease_expirey"], "did you mean 'lease_expiry'?")):
                code, text = host.command("ctl", *words)
                self.assertEqual(code, 64, (words, text))
                self.assertIn(message, text)


class AsLeastUser(Explanations):
    """As the user that `plugin describe --acl` prints."""

    def test_nothing_is_refused(self):
        password = self.folder / "password"
        password.write_text("secret", encoding="utf-8")
        password.chmod(0o600)
        store = ", username: scanhost, password_file: '%s'" % password
        file = self.config({name: "interval: 1s" for name in self.scanners}, "lanes: [default]", store)
        printed = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "plugin", "describe", "--acl", "--config", str(file)],
                                 capture_output=True, encoding="utf-8", timeout=300, check=True).stdout
        (line,) = [line for line in printed.splitlines() if line.startswith("ACL SETUSER ")]
        self.client.must(*line.replace(">PASSWORD", ">secret").split(" "))
        with self.host(store=store) as host:
            for scanner in self.scanners:
                with self.subTest(scanner=scanner):
                    self.start_over()
                    item = self.make_item(scanner)
                    until(lambda: host.cycles()[scanner] > 1, 60, "a cycle")
                    self.client.must("ACL", "LOG", "RESET")
                    (entry,) = host.explain(item, scanner).values()
                    self.assertIsNone(entry["problem"], entry)
                    self.assertNotIn(entry["standing"], ("unknown", "malformed"), entry)
                    self.assertEqual(self.client.must("ACL", "LOG", "10"), [])


if __name__ == "__main__":
    world.main()
