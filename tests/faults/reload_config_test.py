#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The configuration of a running host changes: by its file, by SIGHUP, by ctl.

    reload_config_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import json
import signal

from reload_host import Host, eventually, main, sha256, stamped, version

CONFIG_ERROR = 78
DATA_ERROR = 65


class Live(Host):
    """A host that watches its files."""

    watch = True

    def test_a_changed_file_retunes_adds_and_removes_under_load(self):
        self.put(stamped(1))
        self.write(["drains_due: {interval: 100ms}", "drains_due@other: {interval: 100ms, options: {index: other}}"])
        self.start()
        load = self.under_load()
        self.works(1, "other")
        self.write(["drains_due: {interval: 120ms}", "drains_due@third: {interval: 100ms, options: {index: third}}"])
        eventually(lambda: set(self.all_status()) == {"drains_due", "drains_due@third"}, self.log)
        now = eventually(lambda: (lambda scanner: scanner["interval_ms"] == 120 and scanner)(self.status()), self.log)
        self.assertEqual((now["generation"], now["history"][-1]["outcome"]), (2, "retuned"))
        self.assertIn("interval 100ms -> 120ms", now["history"][-1]["reason"])
        self.works(1, "third")
        self.end_load(load)
        for index in ("due", "other", "third"):
            self.all_done_once(index)

    def test_a_changed_rate_is_applied_though_scans_wait_for_the_old_one(self):
        self.put(stamped(1))
        self.write(["drains_due: {interval: 100ms, rate: {commands_per_s: 1}}"])
        self.start()
        load = self.under_load()
        eventually(lambda: (self.status()["rate_limit"] or {}).get("waiting", 0) > 0, self.log)
        self.write(["drains_due: {interval: 100ms, rate: {target_latency: 10s, max_commands_per_s: 50000}}"])
        now = eventually(lambda: (lambda scanner: scanner["generation"] == 2 and scanner)(self.status()), self.log)
        self.assertEqual(now["totals"]["errors"], 0)
        self.assertIn("rate.commands_per_s 1 -> (none)", now["history"][-1]["reason"])
        eventually(lambda: (self.status()["rate_limit"] or {}).get("target_latency_ms") == 10000, self.log)
        self.write(["drains_due: {interval: 100ms}"])
        eventually(lambda: self.status()["rate_limit"] is None, self.log)
        self.works(1)
        self.end_load(load)
        self.all_done_once()
        self.assertEqual(self.status()["totals"]["errors"], 0)

    def test_a_bad_file_changes_nothing_and_is_told(self):
        self.started()
        self.write(["drains_due: {intervall: 100ms}"])
        eventually(lambda: "scanhost.yaml:5: unknown key 'intervall'" in self.log(), self.log)
        self.works(1)
        self.assertEqual(self.metric("scanhost_config_ok"), 0)
        self.assertEqual(self.status()["generation"], 1)
        self.write(["drains_due: {interval: 150ms}"])
        eventually(lambda: self.status()["interval_ms"] == 150, self.log)
        self.works(1)
        self.assertEqual(self.metric("scanhost_config_ok"), 1)
        self.all_done_once()


class Asked(Host):
    """A host that reloads only on request."""

    def test_sighup_applies_the_file(self):
        self.started()
        self.write(["drains_due: {interval: 150ms}"])
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.status()["interval_ms"] == 150, self.log)
        self.works(1)

    def test_sighup_brings_new_builds_too(self):
        self.started()
        self.put(stamped(2))
        self.process.send_signal(signal.SIGHUP)
        self.runs(stamped(2))
        self.works(2)
        self.all_done_once()

    def test_a_plan_tells_what_a_reload_would_do_and_does_nothing(self):
        self.started()
        self.write(["drains_due: {interval: 150ms}", "drains_due@more: {interval: 1s}"])
        self.put(stamped(2))
        text = self.done("plan")
        for word in ("interval 100ms -> 150ms", "drains_due@more", sha256(stamped(1))[:12], sha256(stamped(2))[:12]):
            self.assertIn(word, text)
        plan = json.loads(self.done("plan", "--json"))
        kinds = {change["scanner"]: change["kind"] for change in plan["scanners"]}
        self.assertEqual(kinds, {"drains_due": "replaced", "drains_due@more": "added"})
        self.works(1)
        self.assertEqual((self.status()["generation"], len(self.all_status())), (1, 1))
        self.done("reload")
        self.works(2)
        self.assertEqual(len(self.all_status()), 2)
        kinds = {change["kind"] for change in json.loads(self.done("plan", "--json"))["scanners"]}
        self.assertEqual(kinds, {"unchanged"})

    def test_a_bad_file_gives_code_78_and_the_line(self):
        self.started()
        for scanners, words in ((["drains_due: {interval: 100}"], "scanhost.yaml:5: "),
                                (["drains_due: {options: {gat: x}}"], "scanhost.yaml:5: "),
                                (["drains_due: {}", "nobody: {}"], "scanhost.yaml:6: "),
                                (["drains_due: {", "  interval: 5s"], "scanhost.yaml:")):
            self.write(scanners)
            for command in ("plan", "reload"):
                done = self.ctl(command)
                self.assertEqual(done.returncode, CONFIG_ERROR, (scanners, done.stdout, done.stderr))
                self.assertIn(words, done.stderr)
        self.assertEqual(self.status()["generation"], 1)
        self.works(1)

    def test_a_retuning_is_applied_though_the_new_build_is_refused(self):
        self.started()
        self.write(["drains_due: {interval: 150ms}"])
        self.put(stamped(2, "CREATE_FAILS"))
        self.assertEqual(self.ctl("reload").returncode, DATA_ERROR)
        now = self.status()
        self.assertEqual((now["interval_ms"], now["sha256"]), (150, sha256(stamped(1))))
        self.works(1)

    def test_a_scanner_of_a_new_plugin_joins(self):
        self.started()
        self.put(stamped(7, name="drains_too"), name="drains_too")
        self.write(["drains_due: {interval: 100ms}", "drains_too: {interval: 100ms, options: {index: too}}"])
        self.done("reload")
        self.works(7, "too")
        self.works(1)
        self.assertEqual(self.status()["generation"], 1, "the reload must not touch it")

    def test_a_new_scanner_whose_plugin_is_bad_changes_nothing(self):
        self.started()
        self.put(stamped(7, "CREATE_FAILS", name="drains_too"), name="drains_too")
        self.write(["drains_due: {interval: 150ms}", "drains_too: {}"])
        done = self.ctl("reload")
        self.assertEqual(done.returncode, CONFIG_ERROR, done.stderr)
        self.assertIn("this build cannot be created", done.stderr)
        self.assertEqual(self.status()["interval_ms"], 100)
        self.works(1)

    def test_a_disabled_scanner_stops_and_an_enabled_one_starts(self):
        self.started()
        self.write(["drains_due: {interval: 100ms, enabled: false}", "drains_due@two: {interval: 100ms}"])
        self.done("reload")
        self.assertEqual(set(self.all_status()), {"drains_due@two"})
        self.works(1)
        self.write(["drains_due: {interval: 100ms}", "drains_due@two: {interval: 100ms, enabled: false}"])
        self.done("reload")
        self.assertEqual(set(self.all_status()), {"drains_due"})
        self.works(1)
        self.all_done_once()

    def test_what_needs_a_restart_is_said(self):
        self.started()
        self.write()
        text = self.file.read_text().replace("127.0.0.1:0", "127.0.0.2:0")
        self.file.write_text(text)
        self.assertIn("admin.listen", self.done("plan"))
        for _ in range(2):  # a need that is not met is not forgotten
            self.assertIn("needs a restart", self.done("reload"))
            self.assertIn("NEEDS A RESTART for admin.listen", self.done("status"))
        self.file.write_text(text.replace("127.0.0.2:0", "127.0.0.1:0"))
        self.assertNotIn("needs a restart", self.done("reload"))
        self.assertNotIn("NEEDS A RESTART", self.done("status"))
        self.works(1)

    def test_a_pin_lets_only_its_build_run(self):
        self.started()
        self.write(["drains_due: {interval: 100ms, sha256: %s}" % sha256(stamped(2))])
        refused = self.ctl("reload")
        self.assertEqual(refused.returncode, DATA_ERROR, refused.stderr)
        self.assertIn(sha256(stamped(2))[:12], refused.stderr)
        self.works(1)
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.put(stamped(3))
        self.assertEqual(self.ctl("reload").returncode, DATA_ERROR)
        self.works(2)
        self.all_done_once()

    def test_a_start_with_a_wrong_pin_is_refused(self):
        self.put(stamped(1))
        self.write(["drains_due: {sha256: %s}" % sha256(stamped(2))])
        self.start(ready=False)
        self.assertEqual(self.process.wait(60), CONFIG_ERROR, self.log())
        self.assertIn(sha256(stamped(2))[:12], self.log())

    def test_pause_outlives_a_reload(self):
        self.started()
        self.done("pause", "drains_due")
        self.put(stamped(2))
        self.done("reload")
        now = self.status()
        self.assertEqual((now["generation"], now["paused"]), (2, True))
        self.seed(80)
        self.assertEqual(self.waiting(), 80)
        self.done("resume", "drains_due")
        self.all_done_once()
        self.assertEqual(self.sums("calls"), {version(2): 80})

    def test_metrics_keep_their_series(self):
        self.started()
        self.works(1)
        before = self.metric("scanhost_processed_total", scanner="drains_due")
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.cycles_pass()
        self.assertGreaterEqual(self.metric("scanhost_processed_total", scanner="drains_due"), before + 80)
        self.assertEqual(self.metric("scanhost_generation", scanner="drains_due"), 2)


if __name__ == "__main__":
    main()
