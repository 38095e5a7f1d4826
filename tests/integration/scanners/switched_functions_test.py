#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The function library changes, goes and comes back under a running host: no item is lost, and none is blamed.

    switched_functions_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

Libraries of an engine are made from ours: the versions and the names of the functions are those of the engine's.
"""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import uuid

import world
from hosts import Host, Store, until
from run_vectors import private_server
from specimens import SPECIMENS

SINCE_26 = ["ff_drain_sibling_cancel_group", "ff_reconcile_sibling_cancel_group"]
EDGE_SCANNERS = ["edge_cancel_dispatcher", "edge_cancel_reconciler"]
TAG = "{fp:1}"
PENDING = "ff:idx:%s:pending_cancel_groups" % TAG
ROUNDS = 3


def engine_library(ours, version, without=(), more=()):
    """A library with the functions of ours, without the mark of ours."""
    lines = ours.splitlines()
    assert lines[1].startswith("-- scanhost functions:")
    del lines[1]
    text, changed = re.subn(r"local VERSION = '[^']*'", "local VERSION = '%s'" % version, "\n".join(lines))
    assert changed == 1
    head = "local function define(name, body)\n"
    assert head in text and all("define('%s'," % name in text for name in without)
    text = text.replace(head, head + "".join("  if name == '%s' then return end\n" % name for name in without))
    return text + "".join("\ndefine('%s', function() return refused('not_here') end)" % name for name in more) + "\n"


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.setups = world.setups()
        cls.ours = (world.OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        cls.libraries = {"ours": cls.ours, "12": engine_library(cls.ours, "12", without=SINCE_26),
                         "34": engine_library(cls.ours, "34", more=["ff_register_worker"])}

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-switched-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.store = Store(resources.enter_context(private_server(world.OPTIONS.server)), self.ours)

    def switch(self, library):
        if library == "none":
            self.store.client.must("FUNCTION", "FLUSH", "SYNC")
        else:
            self.store.client.must("FUNCTION", "LOAD", "REPLACE", self.libraries[library])

    def start(self, scanners=None, more=None, plugins=None):
        keys = dict({name: "enabled: auto" for name in EDGE_SCANNERS}, **(more or {}))
        host = Host(self.folder / "host", self.store.address, 150, scanners, keys, plugins=plugins)
        self.addCleanup(host.kill)
        return host

    def status(self, host, scanner):
        (found,) = [entry for entry in host.scanners() if entry["name"] == scanner]
        return found

    def state(self, host, scanner):
        return self.status(host, scanner)["state"]

    def await_state(self, host, scanner, states):
        until(lambda: self.state(host, scanner) in states, 30, lambda: "%s is %s" % (scanner, self.state(host, scanner)))

    def await_sweeps(self, host, scanner):
        self.await_state(host, scanner, ("waiting", "cycling"))

    def lines(self, host, scanner, text):
        """The log lines of a scanner that contain a text."""
        host.log.flush()
        return [line for line in (self.folder / "host" / "log").read_text(encoding="utf-8").splitlines()
                if "scanner=%s " % scanner in line and text in line]

    def ready(self, host):
        """Nothing, or what /readyz says."""
        try:
            host.ask("/readyz")
        except urllib.error.HTTPError as problem:
            return problem.read().decode("utf-8")
        return None

    def check_nobody_is_blamed(self, host):
        for scanner in host.scanners():
            with self.subTest(scanner=scanner["name"]):
                blame = (scanner["totals"]["errors"], scanner["items_in_back_off"], scanner["restarts"])
                self.assertEqual(blame, (0, 0, 0), scanner["last_error"])
        self.assertEqual(self.lines(host, "", "goes into back-off"), [])


class Auto(Case):
    """Scanners with `enabled: auto` whose functions come and go with the release of an engine."""

    def test_one_rests_where_the_library_lacks_its_functions_and_starts_by_itself_when_they_come(self):
        self.switch("12")
        host = self.start(["lease_expiry"])
        self.assertEqual(self.state(host, "edge_cancel_reconciler"), "resting")
        (entry,) = [entry for entry in host.scanners() if entry["name"] == "edge_cancel_reconciler"]
        self.assertEqual(entry["waits_for"],
                         "the function ff_reconcile_sibling_cancel_group of the library 'flowfabric'")
        self.assertEqual(entry["cycles"], 0)
        self.assertIsNone(self.ready(host))
        for words in (["ctl", "plan"], ["ctl", "status"], ["ctl", "reload"]):
            code, text = host.command(*words)
            self.assertEqual(code, 0, text)
            self.assertIn("edge_cancel_reconciler waits for " + entry["waits_for"], text)
        self.switch("34")
        self.await_sweeps(host, "edge_cancel_reconciler")
        until(lambda: host.cycles()["edge_cancel_reconciler"] > 0, 30, "a cycle")
        self.assertEqual(len(self.lines(host, "edge_cancel_reconciler", "rests: it waits for")), 1)
        self.assertEqual(len(self.lines(host, "edge_cancel_reconciler", "starts: the server has")), 1)
        self.assertEqual(host.end(), 0)

    def test_it_rests_again_when_an_older_engine_replaces_the_library_and_the_host_stays_ready(self):
        host = self.start(["lease_expiry"])
        self.await_sweeps(host, "edge_cancel_dispatcher")
        self.switch("12")
        self.await_state(host, "edge_cancel_dispatcher", ["resting"])
        self.assertIsNone(self.ready(host))
        self.await_sweeps(host, "lease_expiry")
        self.check_nobody_is_blamed(host)

    def run_one_cycle(self, scanners):
        host_file = self.folder / "cycles.yaml"
        host_file.write_text("\n".join([
            "store: {url: 'unix://%s'}" % self.store.address,
            "plugins: {path: ['%s'], staging: '%s'}" % (world.OPTIONS.plugins, self.folder / "staging"),
            "scanners:", *("  %s: {enabled: %s}" % pair for pair in scanners.items()), ""]), encoding="utf-8")
        done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--cycles", "1", "--json", "--config",
                               str(host_file)], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                              timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_a_run_of_some_cycles_leaves_it_out(self):
        self.switch("12")
        code, report, log = self.run_one_cycle({"lease_expiry": "true", "edge_cancel_reconciler": "auto"})
        self.assertEqual(code, 0, log)
        self.assertEqual([scanner["name"] for scanner in json.loads(report)], ["lease_expiry"])
        self.assertIn("edge_cancel_reconciler is left out: it waits for", log)

    def test_a_run_of_some_cycles_fails_where_nothing_else_is_left(self):
        self.switch("12")
        code, _, log = self.run_one_cycle({"edge_cancel_reconciler": "auto"})
        self.assertEqual(code, 69, log)
        self.assertIn("every scanner waits for functions that are not on the server", log)

    def test_it_misses_its_functions_when_the_whole_library_goes_after_it_swept(self):
        host = self.start(["lease_expiry"])
        self.await_sweeps(host, "edge_cancel_dispatcher")
        self.switch("none")
        self.await_state(host, "edge_cancel_dispatcher", ["functions_missing"])
        self.switch("ours")
        self.await_sweeps(host, "edge_cancel_dispatcher")

    def test_functions_status_names_who_waits_and_takes_it_for_no_fault(self):
        self.switch("12")
        host = self.start(["lease_expiry"])
        code, text = host.command("functions", "status")
        self.assertEqual(code, 0, text)
        self.assertRegex(text, "ff_reconcile_sibling_cancel_group.*edge_cancel_reconciler")
        self.assertEqual(host.end(), 0)


class Missing(Case):
    """Functions go while a scanner works: FUNCTION FLUSH, or a failover to a server that has none."""

    SWEEPER, FUNCTION = "delayed_promoter", "ff_promote_delayed"

    def fill(self, count):
        specimen = SPECIMENS[self.SWEEPER]
        self.items = [("item-%d" % number, "{fp:%d}" % (number % 2)) for number in range(count)]
        for start in range(0, count, 200):
            self.store.make([command for name, tag in self.items[start:start + 200]
                             for command in specimen.moved(tag).commands(name, self.setups)])

    def done(self):
        return self.store.count_done(self.SWEEPER, self.items)

    def test_a_drain_stops_without_blame_and_goes_on_when_they_are_back(self):
        self.fill(6000)
        host = self.start(["lease_expiry"], {self.SWEEPER: "budget: {calls: 200}"})
        until(lambda: self.done() > 0, 60, "some are done")
        self.switch("none")
        self.await_state(host, self.SWEEPER, ["functions_missing"])
        done = self.done()
        self.assertLess(done, len(self.items))
        self.assertIn("%s misses the function %s of the library 'flowfabric' on the server; "
                      "run scanhost functions install" % (self.SWEEPER, self.FUNCTION), self.ready(host))
        self.assertIn('scanhost_scanner_functions_missing{scanner="%s"} 1' % self.SWEEPER, host.ask("/metrics"))
        self.await_state(host, "lease_expiry", ["functions_missing"])
        calls, looks = self.calls("fcall"), self.calls("function|list")
        until(lambda: self.calls("function|list") >= looks + 2, 30, "two more looks")
        self.assertEqual(self.calls("fcall"), calls, "a scanner calls functions that are not there")
        self.assertEqual(self.done(), done)
        self.assertRegex(host.ask("/metrics"), r'commands_total\{outcome="transient",scanner="%s"\} [1-9]' % self.SWEEPER)
        self.check_nobody_is_blamed(host)
        self.switch("ours")
        until(lambda: self.done() == len(self.items), 60, lambda: "%d are done" % self.done())
        until(lambda: self.ready(host) is None, 30, lambda: self.ready(host))
        self.check_nobody_is_blamed(host)
        (line,) = self.lines(host, self.SWEEPER, "functions missing:")
        self.assertIn("install them with: scanhost functions install --config ", line)
        self.assertEqual(len(self.lines(host, self.SWEEPER, "goes on: the server has")), 1)
        loud = [line for line in self.lines(host, self.SWEEPER, "") if '"warn' in line or '"error"' in line]
        self.assertEqual(loud, [line])
        self.assertEqual(host.end(), 0)

    def calls(self, command):
        found = re.search("cmdstat_%s:calls=([0-9]+)" % re.escape(command), self.store.client.must("INFO", "commandstats"))
        return int(found.group(1)) if found else 0

    def test_the_command_of_the_log_line_brings_them_back(self):
        host = self.start(["lease_expiry"])
        self.switch("none")
        self.await_state(host, "lease_expiry", ["functions_missing"])
        until(lambda: self.lines(host, "lease_expiry", "install them with: "), 30, "the line")
        (line,) = self.lines(host, "lease_expiry", "install them with: ")
        command = re.search(r"install them with: scanhost (functions install --config \S+\.yaml)", line).group(1)
        self.assertTrue(command.endswith(" --config %s" % host.file), command)
        code, text = host.command(*command.split(" --config ")[0].split())
        self.assertEqual(code, 0, text)
        self.await_sweeps(host, "lease_expiry")

    def test_a_new_build_is_not_judged_meanwhile(self):
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for file in world.OPTIONS.plugins.glob("*.so"):
            shutil.copy2(file, plugins)
        host = self.start([self.SWEEPER, "lease_expiry"], plugins=plugins)
        host.command("ctl", "pause")
        self.fill(500)
        with open(plugins / (self.SWEEPER + ".so"), "ab") as file:
            file.write(b"another build")
        code, text = host.command("ctl", "reload", self.SWEEPER)
        self.assertEqual(code, 0, text)
        self.switch("none")
        host.command("ctl", "resume")
        self.await_state(host, self.SWEEPER, ["functions_missing"])
        looks = self.calls("function|list")
        until(lambda: self.calls("function|list") >= looks + 2, 30, "two more looks")
        self.assertTrue(self.status(host, self.SWEEPER)["probation"])
        self.assertIn("%s waits for the function %s of" % (self.SWEEPER, self.FUNCTION), host.command("ctl", "status")[1])
        self.switch("ours")
        until(lambda: self.done() == len(self.items), 60, lambda: "%d are done" % self.done())
        until(lambda: not self.status(host, self.SWEEPER)["probation"], 30, "the build is judged")
        self.assertEqual([change["outcome"] for change in self.status(host, self.SWEEPER)["history"]], ["started", "reloaded"])
        self.check_nobody_is_blamed(host)

    def test_a_host_does_not_start_without_them(self):
        host = self.start(["lease_expiry"])
        self.assertEqual(host.end(), 0)
        self.switch("none")
        for words in (["--once"], []):
            done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", *words, "--config", str(host.file)],
                                  stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60, check=False)
            self.assertEqual(done.returncode, 69, done.stderr)
            self.assertIn("scanhost functions install", done.stderr)

    def test_the_host_can_be_stopped_meanwhile(self):
        host = self.start(["lease_expiry"])
        self.switch("none")
        self.await_state(host, "lease_expiry", ["functions_missing"])
        self.assertEqual(host.end(), 0)


class Switched(Case):
    """The library is one engine's, another's, none, ours, while items of every kind arrive."""

    def group(self, name):
        """A group that has fired, and two siblings to cancel."""
        flow = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        child, *siblings = ["%s:%s" % (TAG, uuid.uuid5(uuid.NAMESPACE_OID, name + part)) for part in "cab"]
        self.groups.append(("%s|%s" % (flow, child), siblings))
        core = ["flow_id", flow, "namespace", "acme", "lane_id", "default", "lifecycle_phase", "runnable",
                "eligibility_state", "eligible_now", "ownership_state", "unowned", "terminal_outcome", "none",
                "attempt_state", "pending_first_attempt", "current_attempt_index", "", "current_lease_epoch", "0",
                "created_at", "1600000000123", "priority", "5"]
        return [*(["HSET", "ff:exec:%s:%s:core" % (TAG, eid), "execution_id", eid, *core] for eid in siblings),
                ["HSET", "ff:flow:%s:%s:edgegroup:%s" % (TAG, flow, child), "policy_variant", "any_of",
                 "cancel_siblings_pending_flag", "true", "cancel_siblings_reason", "sibling_quorum_satisfied",
                 "cancel_siblings_pending_members", "|".join(siblings)],
                ["SADD", PENDING, "%s|%s" % (flow, child)]]

    def feed(self, number):
        commands = self.group("group-%d" % number)
        for scanner, specimen in SPECIMENS.items():
            name = "%s-%d" % (scanner, number)
            commands += specimen.commands(specimen.id_of(name), self.setups)
            self.items[scanner].append((name, specimen.tag))
        self.store.make(commands)

    def undone(self):
        left = {scanner: len(items) - self.store.count_done(scanner, items) for scanner, items in self.items.items()
                if not SPECIMENS[scanner].reported}
        left["groups"] = sum(self.store.client.must("SISMEMBER", PENDING, member) for member, _ in self.groups)
        left["siblings"] = sum(self.store.client.must("HGET", "ff:exec:%s:%s:core" % (TAG, eid), "terminal_outcome") !=
                               "cancelled" for _, siblings in self.groups for eid in siblings)
        return {name: count for name, count in left.items() if count}

    def test_no_item_is_lost_and_none_is_blamed(self):
        self.items, self.groups = {scanner: [] for scanner in SPECIMENS}, []
        host = self.start()
        number = 0
        for turn in range(ROUNDS):
            for library in ("12", "34", "none", "ours"):
                for _ in range(10):
                    self.feed(number)
                    number += 1
                    time.sleep(0.02)  # items arrive, and scanners are at work when the library goes
                self.switch(library)
                if turn == 0:  # the later switches come faster than the looks of the host
                    self.await_seen(host, library)
        self.switch("ours")
        until(lambda: not self.undone(), 60, lambda: "not done: %s" % self.undone())
        for scanner in [*SPECIMENS, *EDGE_SCANNERS]:
            self.await_sweeps(host, scanner)
        self.assertIsNone(self.ready(host))
        self.check_nobody_is_blamed(host)
        self.assertEqual(host.end(), 0)

    def await_seen(self, host, library):
        if library == "none":
            self.await_state(host, "lease_expiry", ["functions_missing"])
            self.await_state(host, "edge_cancel_dispatcher", ["resting", "functions_missing"])
        else:
            self.await_sweeps(host, "lease_expiry")
            self.await_state(host, "edge_cancel_dispatcher", ["resting"] if library == "12" else ["waiting", "cycling"])


if __name__ == "__main__":
    world.main()
