#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command gate in front of the bundled scanners: dry run, audit, permissions.

    dry_run_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import json
import os
import re
import subprocess

import world
from edge_cancels_test import Flow, execution_key
from hosts import Host, until
from play_scanners import read_database
from world import SPECIMENS, Case

ROW = re.compile(r"^\| `(\w+)` \| `(\w+)`", re.M)


def follow_ups():
    """By scanner, the functions and commands that plugins/README.md lists as follow-ups of a held-back call."""
    text = (world.OPTIONS.root / "plugins" / "README.md").read_text(encoding="utf-8")
    section = text.split("## Dry run", 1)[1].split("\n## ", 1)[0]
    found = {}
    for scanner, call in ROW.findall(section):
        found.setdefault(scanner, set()).add(call)
    return found


class Gate(Case):
    def contents(self):
        """The whole store with its times to live, as absolute times, and its functions."""
        expiries = {key: self.client.must("PEXPIRETIME", key) for key in self.client.must("KEYS", "*")}
        return sorted(read_database(self.client), key=str), expiries, self.client.must("FUNCTION", "DUMP")

    def run_with(self, scanner, *arguments, keys="", name="audit", scan_options="", more=""):
        """One cycle; the report, and the lines of the audit."""
        audit = self.folder / (name + ".jsonl")
        more = more or "run: {audit: {file: '%s'}}" % audit
        file = self.config({scanner: "budget: {time: 60s}" + keys}, scan_options, more=more)
        run = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--once", "--scanner", scanner, "--json",
                              "--config", str(file), *arguments], capture_output=True, encoding="utf-8",
                             errors="replace", timeout=120, stdin=subprocess.DEVNULL, env=dict(os.environ))
        self.log, self.code = run.stderr, run.returncode
        self.assertTrue(run.stdout, run.stderr)
        (report,) = json.loads(run.stdout)
        lines = audit.read_text(encoding="utf-8").splitlines() if audit.exists() else []
        return report, [json.loads(line) for line in lines]

    @staticmethod
    def calls(lines):
        return {(line.get("function", line["command"]), line["item"]) for line in lines}


class DryRun(Gate):
    def make_due(self, scanner):
        """More items than a page holds; for those that look at groups, groups that have fired."""
        if scanner in SPECIMENS:
            return self.seed(scanner, ["item-%d" % i for i in range(min(SPECIMENS[scanner].page, 40) + 3)])
        for number in range(3):
            flow = Flow("flow %d" % number, 4)
            self.send(list(flow.commands()))
            self.send(flow.end(0))
            if scanner == "edge_cancel_reconciler":  # the dispatcher has cancelled the siblings, and then crashed
                self.send([["HSET", execution_key(eid, "core"), "lifecycle_phase", "terminal", "terminal_outcome",
                            "cancelled"] for eid in flow.upstreams[1:]])
        return None

    def test_nothing_in_the_store_changes_and_what_is_held_back_is_what_a_real_run_calls(self):
        listed = follow_ups()
        scanners = {plugin.stem for plugin in world.OPTIONS.plugins.glob("*.so")}
        self.assertGreater(len(scanners), 15)
        for scanner in sorted(scanners):
            with self.subTest(scanner=scanner):
                self.clear()
                self.make_due(scanner)
                options = "repair: true" if scanner == "index_reconciler" else ""
                keys = ", options: {repair: true}" if options else ""
                before = self.contents()
                report, held = self.run_with(scanner, "--dry-run", keys=keys, name=scanner + "-dry")
                self.assertEqual(self.contents(), before)
                self.assertEqual((report["processed"], report["errors"]), (0, 0), self.log)
                self.assertTrue(all(line["held_back"] for line in held), held)
                self.assertTrue(held, self.log)
                self.assertIn("dry run: held back commands=%d" % len(held), self.log)
                _, made = self.run_with(scanner, keys=keys, name=scanner + "-real")
                self.assertFalse(any(line["held_back"] for line in made))
                self.assertEqual(self.calls(held) - self.calls(made), set())
                unseen = {call for call, _ in self.calls(made) - self.calls(held)}
                self.assertLessEqual(unseen, listed.get(scanner, set()))

    def test_a_pass_without_drain_ends_where_a_real_one_does(self):
        self.seed("lease_expiry", ["item-%d" % i for i in range(30)])
        keys = ", page_size: 10, drain: false"
        _, held = self.run_with("lease_expiry", "--dry-run", keys=keys, name="dry")
        _, made = self.run_with("lease_expiry", keys=keys, name="real")
        self.assertEqual(self.calls(held), self.calls(made))
        self.assertEqual(len(made), 10)

    def test_more_pages_are_read_than_may_be_idle_in_a_real_run(self):
        names = ["item-%d" % i for i in range(30)]
        self.seed("lease_expiry", names)
        _, held = self.run_with("lease_expiry", "--dry-run", keys=", page_size: 1")
        self.assertEqual(len(self.calls(held)), len(names), self.log)

    def test_a_running_host_shows_it_and_a_reload_ends_it(self):
        self.seed("lease_expiry", ["item"])
        host = Host(self.folder / "host", self.address, 200, scanners=[], more={"lease_expiry": "dry_run: true"})
        self.addCleanup(host.kill)
        until(lambda: host.scanners()[0]["held_back"] > 0, 30, "a call is held back")
        (status,) = host.scanners()
        self.assertEqual((status["dry_run"], status["items_in_back_off"]), (True, 0))
        code, text = host.command("ctl", "status")
        self.assertEqual(code, 0, text)
        self.assertIn("DRY RUN", text)
        self.assertRegex(text, "lease_expiry runs dry: held back commands=[1-9]")
        metrics = host.ask("/metrics")
        self.assertIn('scanhost_scanner_dry_run{scanner="lease_expiry"} 1', metrics)
        self.assertRegex(metrics, r'scanhost_held_back_total\{scanner="lease_expiry"\} [1-9]')
        self.assertFalse(self.done("lease_expiry", "item"))
        host.file.write_text(host.file.read_text(encoding="utf-8").replace("dry_run: true", "dry_run: false"),
                             encoding="utf-8")
        code, text = host.command("ctl", "reload")
        self.assertEqual(code, 0, text)
        until(lambda: self.done("lease_expiry", "item"), 30, "the item is handled")
        self.assertFalse(host.scanners()[0]["dry_run"])
        self.assertEqual(host.end(), 0)

    def test_the_whole_host_runs_dry_by_its_configuration(self):
        self.seed("lease_expiry", ["item"])
        before = self.contents()
        report, _ = self.run_with("lease_expiry", more="run: {dry_run: true}")
        self.assertEqual((self.contents(), report["processed"]), (before, 0), self.log)

    def test_a_user_who_may_not_read_the_table_of_commands_changes_nothing(self):
        self.seed("lease_expiry", ["item"])
        before = self.contents()
        store = self.may_touch("*")
        self.client.must("ACL", "SETUSER", "sweeper", "-command")
        file = self.config({"lease_expiry": ""}, store=store)
        run = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--once", "--dry-run", "--config", str(file)],
                             capture_output=True, encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(self.contents(), before)
        self.assertIn("does not let it read COMMAND", run.stderr)


class Audit(Gate):
    def test_each_change_is_one_line_that_says_who_what_and_how_it_ended(self):
        self.seed("lease_expiry", ["item"])
        report, lines = self.run_with("lease_expiry")
        self.assertEqual((report["processed"], len(lines)), (1, 1), self.log)
        (line,) = lines
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual((line["scanner"], line["generation"], line["partition"], line["command"], line["held_back"]),
                         ("lease_expiry", 1, "{fp:0}", "FCALL", False))
        self.assertEqual((line["item"], line["outcome"]), (self.member("lease_expiry", "item"), "reply"))
        self.assertEqual(len(line["build"]), 64)
        self.assertTrue(line["reply"])
        self.assertGreaterEqual(line["lateness_ms"], 0)

    def test_a_full_disk_costs_lines_and_no_work(self):
        self.seed("lease_expiry", ["item"])
        report, _ = self.run_with("lease_expiry", more="run: {audit: {file: /dev/full}}")
        self.assertEqual((report["processed"], report["errors"]), (1, 0), self.log)


class Permissions(Gate):
    def refused(self, permissions, rule):
        self.seed("lease_expiry", ["item"])
        before = self.contents()
        report, lines = self.run_with("lease_expiry", keys=", permissions: {%s}" % permissions)
        self.assertEqual(self.contents(), before)
        self.assertEqual(report["processed"], 0, self.log)
        self.assertIn("permissions: scanners.lease_expiry.permissions.%s " % rule, self.log)
        self.assertNotIn("goes into back-off", self.log)
        return lines

    def test_read_only_refuses_what_acts(self):
        (line,) = self.refused("read_only: true", "read_only")
        self.assertEqual((line["outcome"], line["held_back"]), ("refused", False))

    def test_a_function_that_is_not_listed_is_refused(self):
        self.refused("commands: [ZRANGEBYSCORE, ZRANGE, HMGET, HGET, FCALL other_function]", "commands")

    def test_keys_with_other_prefixes_are_refused(self):
        self.refused("key_prefixes: ['other:']", "key_prefixes")

    def test_what_is_permitted_works(self):
        self.seed("lease_expiry", ["item"])
        report, _ = self.run_with("lease_expiry", keys=", permissions: {key_prefixes: ['ff:'], commands: "
                                  "[ZRANGEBYSCORE, ZRANGE, ZCOUNT, ZCARD, HMGET, HGET, FCALL]}")
        self.assertEqual((report["processed"], report["errors"]), (1, 0), self.log)


if __name__ == "__main__":
    world.main()
