#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two hosts run the scanners that every library has on one store: in the end it equals a store that a single host worked on.

    two_hosts_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

For SCANHOST_TWO_HOSTS_SECONDS (default 8) items of every kind arrive on both stores: some are due at once, others come
due later, at the same moment for both hosts. Meanwhile there are admissions to quotas and resets of budgets.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import world
from hosts import Host, Store, Watcher, until
from run_vectors import private_server
from specimens import SPECIMENS, WAITS, blocked

SECONDS = float(os.environ.get("SCANHOST_TWO_HOSTS_SECONDS", "8"))
OTHER = {"{fp:0}": "{fp:1}", "{fp:1}": "{fp:0}", "{b:0}": "{b:1}", "{q:0}": "{q:1}",
         "{acme}": "{beta}"}
# Scanners that change each item exactly once, by whichever host comes first. (An acknowledged cancel and
# the mark of a budget count as changes of each host that writes them.)
ONCE = ["lease_expiry", "delayed_promoter", "attempt_timeout", "execution_deadline", "suspension_timeout",
        "pending_wp_expiry", "retention_trimmer", "unblock", "dependency_reconciler"]
# Indexes in which an item may be postponed: its record does not tell when it is due.
PUT_OFF = ["attempt_timeout", "execution_deadline", "pending_wp_expiry", "budget_reset", "cancel_reconciler"]
OFTEN, OFTEN_MS = ["often-%d" % number for number in range(5)], 300


def often_reset(name):
    budget = "ff:budget:{b:0}:" + name
    return [["HSET", budget, "budget_id", name, "reset_interval_ms", str(OFTEN_MS), "reset_count", "0"],
            ["HSET", budget + ":usage", "tokens", "5"], ["ZADD", "ff:idx:{b:0}:budget_resets", "$NOW+500", name]]


def admission(number):
    """An admission as the engine makes it; some lose their guards at once."""
    quota, member = "ff:quota:{q:0}:busy", "{fp:0}:admitted-%d" % number
    commands = [["MULTI"], ["SADD", quota + ":admitted_set", member], ["INCR", quota + ":concurrency"]]
    if number % 3:
        commands.append(["SET", "%s:admitted:%s" % (quota, member), "1"])
    return commands + [["EXEC"]]


class TwoHosts(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.setups = world.setups()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-two-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        library = (world.OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        self.stores = [Store(resources.enter_context(private_server(world.OPTIONS.server)), library) for _ in range(2)]
        self.watcher = Watcher(self.stores[0].address)
        self.items = {scanner: [] for scanner in SPECIMENS}
        self.unblocked = []

    def start(self, name, store):
        host = Host(self.folder / name, store.address, 150)
        self.addCleanup(host.kill)
        return host

    def on_both(self, commands):
        for store in self.stores:
            store.make(commands)

    def batch(self, number):
        """An item of every kind, in alternating partitions; every second item comes due later."""
        commands = []
        for scanner, specimen in SPECIMENS.items():
            name, tag = "%s-%d" % (scanner, number), specimen.tag if number % 2 else OTHER[specimen.tag]
            here, item = specimen.moved(tag), specimen.id_of(name)
            commands += here.commands(item, self.setups)
            if scanner in PUT_OFF and number % 4 < 2:
                commands.append(["ZADD", here.index, "$NOW+%d" % (200 + number % 5 * 100), world.put(here.member, item)])
            self.items[scanner].append((name, tag))
        for kind in WAITS:
            commands += blocked(kind, "waits-for-%s-%d" % (kind, number))
            self.unblocked.append("{fp:0}:waits-for-%s-%d" % (kind, number))
        return commands

    def feed(self, seconds):
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            self.on_both(self.batch(number) + admission(number))
            number += 1
            time.sleep(0.02)
        return number

    def undone(self, store):
        """The items that are not done yet, by scanner."""
        left = {scanner: len(items) - store.count_done(scanner, items) for scanner, items in self.items.items()
                if not SPECIMENS[scanner].reported}
        states = store.client.call_all([["HGET", "ff:exec:{fp:0}:%s:core" % execution, "eligibility_state"]
                                        for execution in self.unblocked])
        left["unblock's conditions"] = sum(state != "eligible_now" for state in states)
        return {name: count for name, count in left.items() if count}

    def rest(self, hosts):
        """Waits until everything is done and every scanner of every host has run two more cycles."""
        for store in self.stores:
            until(lambda: not self.undone(store), 60, lambda: "not done: %s" % self.undone(store))
        before = [host.cycles() for host in hosts]
        until(lambda: all(now >= then[name] + 2 for host, then in zip(hosts, before)
                          for name, now in host.cycles().items()), 60, "two more cycles of each scanner")

    def test_the_store_is_as_one_host_leaves_it(self):
        self.on_both([command for name in OFTEN for command in often_reset(name)] + [
            ["HSET", "ff:quota:{q:0}:busy", "requests_per_window_seconds", "3600", "active_concurrency_cap", "100000"],
            ["SADD", "ff:idx:{q:0}:quota_policies", "busy"]])
        pair = [self.start("first", self.stores[0]), self.start("second", self.stores[0])]
        alone = self.start("alone", self.stores[1])
        fed = self.feed(SECONDS)
        self.rest([*pair, alone])
        totals = [host.totals() for host in [*pair, alone]]
        self.assertEqual([host.end() for host in [*pair, alone]], [0, 0, 0])
        self.report(fed, totals)
        self.check_counts(fed, totals)
        self.check_resets()
        self.check_quota(fed)
        self.check_states()

    def report(self, fed, totals):
        print("\n%.0f s, %d items of each kind; changed by the first, the second, and one alone:" % (SECONDS, fed))
        for scanner in SPECIMENS:
            print("  %-22s %s" % (scanner, " ".join("%6d" % (counts[scanner]["processed"] - counts[scanner]["unchanged"])
                                                   for counts in totals)))

    def check_counts(self, fed, totals):
        for scanner in ONCE:
            due = fed * (1 + len(WAITS)) if scanner == "unblock" else fed
            first, second, alone = (counts[scanner]["processed"] - counts[scanner]["unchanged"] for counts in totals)
            self.assertEqual((scanner, first + second, alone), (scanner, due, due))
        self.assertEqual([sum(counts[scanner]["errors"] for counts in totals) for scanner in SPECIMENS], [0] * len(SPECIMENS))

    def check_resets(self):
        """No period of a budget was reset twice: there is at least an interval between two resets."""
        moments = {}
        for budget, moment in self.watcher.resets:
            moments.setdefault(budget, []).append(moment)
        for name in OFTEN:
            self.assertEqual(self.stores[0].client.must("HGET", "ff:budget:{b:0}:" + name, "reset_count"),
                             str(len(moments[name])))
            self.assertGreater(len(moments[name]), 2)
            gaps = [after - before for before, after in zip(moments[name], moments[name][1:])]
            self.assertGreaterEqual(min(gaps), OFTEN_MS)
        for name, tag in self.items["budget_reset"]:
            self.assertEqual(len(moments[name]), 1)

    def check_quota(self, fed):
        live = sum(number % 3 > 0 for number in range(fed))
        for store in self.stores:
            self.assertEqual(store.client.must("GET", "ff:quota:{q:0}:busy:concurrency"), str(live))
            self.assertEqual(store.client.must("SCARD", "ff:quota:{q:0}:busy:admitted_set"), live)

    def check_states(self):
        """Field by field, without the budgets that are reset continually, whose counts depend on the hosts' speed."""
        shared, single = (store.settled() for store in self.stores)
        for key in ["ff:budget:{b:0}:" + name for name in OFTEN]:
            shared.pop(key), single.pop(key)
        self.assertGreater(len(single), 1000)
        self.assertEqual({key: value for key, value in shared.items() if single.get(key) != value},
                         {key: value for key, value in single.items() if shared.get(key) != value})


if __name__ == "__main__":
    world.main()
