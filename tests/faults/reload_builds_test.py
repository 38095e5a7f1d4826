#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""New builds that are broken in one way each, old generations that do not drain, and new builds that turn out bad.

    reload_builds_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import json

from reload_host import Host, eventually, main, sha256, stamped

DATA_ERROR = 65
STUCK = 86


class Refused(Host):
    """Whatever is wrong with the new build, the old one continues, and the reason is reported everywhere."""

    scanners = ("drains_due: {interval: 100ms, hang_timeout: 1s, options: {gate: '%(gate)s'}}",)

    def write(self, *words, **more):
        self.scanners = tuple(line % {"gate": self.gate} for line in self.scanners)
        super().write(*words, **more)

    def refuses(self, data, *words):
        self.started()
        self.put(data)
        done = self.ctl("reload")
        self.assertEqual(done.returncode, DATA_ERROR, done.stdout + done.stderr)
        for word in ("drains_due", *words):
            self.assertIn(word, done.stderr)
        now = self.status()
        self.assertEqual((now["generation"], now["sha256"]), (1, sha256(stamped(1))))
        self.assertEqual(now["history"][-1]["outcome"], "refused")
        self.assertIn(words[0], now["history"][-1]["reason"])
        self.assertIn(words[0], self.log())
        self.assertEqual(self.metric("scanhost_reloads_total", scanner="drains_due", outcome="refused"), 1)
        self.works(1)
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.all_done_once()

    def test_undefined_symbol(self):
        self.refuses(stamped(2, "UNDEFINED"), "scanhost_test_that_nobody_has")

    def test_new_major(self):
        self.refuses(stamped(2, "OTHER_MAJOR"), "plugin ABI 2, this host has ABI 1.")

    def test_constructor_that_crashes(self):
        self.refuses(stamped(2, "CONSTRUCTOR_CRASHES"), "SIGSEGV")

    def test_create_that_fails(self):
        self.refuses(stamped(2, "CREATE_FAILS"), "this build cannot be created")

    def test_another_file_that_fails_for_the_same_reason_is_reported_too(self):
        self.started()
        for number in (2, 3):
            self.put(stamped(number, "CREATE_FAILS"))
            self.assertEqual(self.ctl("reload").returncode, DATA_ERROR)
        self.assertEqual(self.ctl("reload").returncode, DATA_ERROR)  # the same file again is no news
        refused = [entry for entry in self.status()["history"] if entry["outcome"] == "refused"]
        self.assertEqual([entry["sha256"] for entry in refused],
                         [sha256(stamped(number, "CREATE_FAILS")) for number in (2, 3)])
        self.assertEqual(refused[0]["reason"], refused[1]["reason"])
        self.assertEqual(self.metric("scanhost_reloads_total", scanner="drains_due", outcome="refused"), 2)
        self.assertIn("build=" + sha256(stamped(3, "CREATE_FAILS"))[:12], self.log())

    def test_the_history_lasts_over_restarts(self):
        self.started()
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.put(stamped(3, "CREATE_FAILS"))
        self.assertEqual(self.ctl("reload").returncode, DATA_ERROR)
        before = self.status()["history"]
        self.assertEqual([entry["outcome"] for entry in before], ["started", "reloaded", "refused"])
        self.assertEqual(self.stop(), 0, self.log())
        self.put(stamped(2))
        for _ in range(2):  # a second start of one build is no entry of its own
            self.start()
            self.works(2)
            now = self.status()["history"]
            self.assertEqual(now[:-1], before)
            self.assertEqual((now[-1]["outcome"], now[-1]["sha256"]), ("started", sha256(stamped(2))))
            kept = self.staging / "history.json"
            eventually(lambda: str(now[-1]["at_ms"]) in kept.read_text(encoding="utf-8"), self.log)
            self.process.kill()
            self.process.wait(30)

    def test_create_that_throws(self):
        self.refuses(stamped(2, "CREATE_THROWS", cxx=True), "throws in create")

    def test_create_that_hangs(self):
        self.refuses(stamped(2, "CREATE_HANGS"), "create")

    def test_create_that_crashes(self):
        self.refuses(stamped(2, "CREATE_CRASHES"), "SIGSEGV")

    def test_create_that_fails_in_the_host_alone(self):
        self.refuses(stamped(2, "HOST_CREATE_FAILS"), "this build cannot be created in a host")
        self.only_one_copy_is_mapped()

    def test_create_that_hangs_in_the_host_alone(self):
        self.refuses(stamped(2, "HOST_CREATE_HANGS"), "hang")
        self.assertEqual(self.status()["stuck_generations"], 1)
        self.gate.touch()
        eventually(lambda: self.status()["stuck_generations"] == 0, self.log)
        self.assertEqual(self.stop(), 0, self.log())

    def test_another_plugin_under_its_name(self):
        self.refuses(stamped(2, name="drains_other"), "drains_other")


class OldOnes(Host):
    """Old generations that do not end as they should."""

    def options(self, more=""):
        return ("drains_due: {interval: 100ms, drain_timeout: 300ms%s, options: {gate: '%s'}}" % (more, self.gate),)

    def begin(self, *macros, more="", **build):
        self.scanners = self.options(more)
        self.put(stamped(1, *macros, **build))
        self.write()
        self.start()
        eventually(lambda: self.status()["state"] == "cycling" or self.status()["cycles"] > 0, self.log)

    def reload_to(self, number, *macros, **build):
        self.put(stamped(number, *macros, **build))
        return self.done("reload")

    def test_a_generation_that_never_drains_is_abandoned_and_the_new_one_works(self):
        self.begin("SCAN_HOLDS")
        self.assertIn("abandoned", self.reload_to(2))
        self.works(2)
        self.assertEqual(self.status()["stuck_generations"], 1)
        self.assertEqual(len(self.staged_maps()), 2, "never unmapped while it runs")
        self.gate.touch()
        eventually(lambda: self.status()["stuck_generations"] == 0, self.log)
        self.works(2)
        self.all_done_once()
        self.assertEqual(self.stop(), 0, self.log())

    def test_a_host_that_abandoned_a_generation_ends_with_an_exit_code_of_its_own(self):
        self.begin("SCAN_HOLDS")
        self.reload_to(2)
        self.works(2)
        self.all_done_once()
        self.assertEqual(self.stop(), STUCK, self.log())

    def test_one_whose_scans_do_not_end_is_cancelled(self):
        self.begin("SCAN_WAITS")
        self.assertIn("cancelled", self.reload_to(2))
        self.works(2)
        self.assertEqual(self.status()["stuck_generations"], 0)
        self.all_done_once()
        self.only_one_copy_is_mapped()

    def test_a_detached_thread_keeps_the_code_that_it_runs_and_no_more(self):
        for macro in ("THREAD_SLEEPS", "THREAD_RUNS"):
            with self.subTest(macro):
                if self.process:
                    self.assertEqual(self.stop(), 0, self.log())
                self.begin(macro)
                self.assertIn("the old build stays mapped", self.reload_to(2))
                self.works(2)
                self.assertEqual((len(self.staged_maps()), self.status()["pinned_builds"]), (2, 1))
                self.assertIn("a thread that the plugin started runs on", self.log())
                self.reload_to(3)
                self.works(3)
                self.assertEqual(self.status()["restarts"], 0)
        self.all_done_once()
        self.assertEqual(self.stop(), 0, self.log())

    def test_a_detached_thread_that_runs_code_of_its_plugin_may_go_on_with_unload_never(self):
        self.begin("THREAD_RUNS", more=", unload: never")
        self.reload_to(2)
        self.works(2)
        self.assertEqual(len(self.staged_maps()), 2)
        self.gate.touch()
        self.works(2)
        self.all_done_once()
        self.assertEqual(self.stop(), 0, self.log())

    def test_thread_locals_with_destructors_keep_nothing_mapped(self):
        self.begin("TLS_DESTRUCTOR", cxx=True)
        self.works(1)
        for number in (2, 3, 4):
            self.reload_to(number, "TLS_DESTRUCTOR", cxx=True)
            self.works(number)
        self.only_one_copy_is_mapped()
        self.assertEqual(self.status()["pinned_builds"], 0)
        self.all_done_once()

    def test_unload_never_keeps_each_build_mapped(self):
        self.begin(more=", unload: never")
        for number in (2, 3):
            self.reload_to(number)
            self.works(number)
        self.assertEqual(len(self.staged_maps()), 3)
        self.assertEqual(self.status()["pinned_builds"], 2)
        self.all_done_once()


class Probation(Host):
    """New builds that turn out bad are rolled back automatically, and blocked."""

    scanners = ("drains_due: {interval: 100ms, hang_timeout: 500ms, drain_timeout: 1s, options: {gate: '%(gate)s'}}",)

    def write(self, *words, **more):
        self.scanners = tuple(line % {"gate": self.gate} for line in self.scanners)
        super().write(*words, **more)

    def goes_back(self, data, *words):
        self.started()
        self.works(1)
        load = self.under_load()
        self.put(data)
        self.done("reload")
        back = self.runs_again_after_a_roll_back()
        self.assertIn("reloaded", self.outcomes())
        for word in words:
            self.assertIn(word, back["history"][-1]["reason"])
        self.end_load(load)
        self.works(1)
        blocked = json.loads(self.done("blocked", "--json"))
        self.assertEqual([build["sha256"] for build in blocked], [sha256(data)])
        again = self.ctl("reload")
        self.assertEqual(again.returncode, DATA_ERROR, again.stdout)
        self.assertIn("blocked", again.stderr)
        self.assertGreaterEqual(self.metric("scanhost_reloads_total", scanner="drains_due", outcome="rolled_back"), 1)

    def runs_again_after_a_roll_back(self):
        def check():
            now = self.status()
            return now["history"][-1]["outcome"] == "rolled_back" and now["sha256"] == sha256(stamped(1)) and now
        return eventually(check, self.log)

    def test_a_build_whose_every_call_errs_goes_back(self):
        data = stamped(2, "ALWAYS_ERRS")
        self.goes_back(data, "errors")
        self.all_done_once()
        done = self.done("release", sha256(data)[:12])
        self.assertIn("released", done)
        eventually(lambda: self.outcomes().count("rolled_back") == 2 or self.seed(80), self.log)
        self.put(stamped(3))
        self.done("reload")
        self.works(3)
        self.all_done_once()

    def test_a_build_that_leaks_goes_back(self):
        self.goes_back(stamped(2, "LEAKS"), "its memory grows steadily")
        self.assertIn("its memory grows steadily", self.log())
        self.all_done_once()

    def test_a_build_that_throws_goes_back(self):
        self.goes_back(stamped(2, "SCAN_THROWS", cxx=True), "this scan throws")
        self.all_done_once()

    def test_a_build_that_sticks_goes_back(self):
        self.goes_back(stamped(2, "SCAN_HOLDS"), "stuck")
        now = self.status()
        self.assertEqual(now["stuck_generations"], 1, "it must not hang a second time before it is rolled back")
        self.assertNotIn("restarted", [entry["outcome"] for entry in now["history"]])
        self.gate.touch()
        self.all_done_once()

    def test_a_good_build_is_off_probation_after_its_cycles(self):
        self.started()
        self.put(stamped(2))
        self.done("reload")
        eventually(lambda: not self.status()["probation"], self.log)
        self.assertEqual(self.outcomes(), ["started", "reloaded"])

    def test_a_build_is_rolled_back_by_hand_under_load(self):
        self.started()
        load = self.under_load()
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.done("rollback", "drains_due")
        self.assertEqual(self.status()["sha256"], sha256(stamped(1)))
        self.works(1)
        refused = self.ctl("reload")
        self.assertEqual(refused.returncode, DATA_ERROR)
        self.done("release", sha256(stamped(2)))
        self.runs(stamped(2))
        self.end_load(load)
        self.all_done_once()


class Several(Host):
    """Two scanners of one plugin, and two plugins with the same code."""

    scanners = ("drains_due: {interval: 100ms}",
                "drains_due@other: {interval: 100ms, hang_timeout: 1s, options: {index: other, gate: '%(gate)s'}}")
    rolling = tuple(line.replace("100ms", "100ms, reload: rolling") for line in scanners)

    def begin(self, scanners):
        self.scanners = tuple(line % {"gate": self.gate} for line in scanners)
        self.started()

    def generations(self):
        return {name: scanner["generation"] for name, scanner in self.all_status().items()}

    def test_they_move_together(self):
        self.begin(self.scanners)
        self.put(stamped(2))
        self.done("reload")
        self.assertEqual(self.generations(), {"drains_due": 2, "drains_due@other": 2})
        for index in ("due", "other"):
            self.works(2, index)
            self.all_done_once(index)

    def test_none_moves_when_one_of_them_cannot(self):
        self.begin(self.scanners)
        self.put(stamped(2, "HOST_CREATE_FAILS"))
        done = self.ctl("reload")
        self.assertEqual(done.returncode, DATA_ERROR, done.stderr)
        self.assertEqual({scanner["sha256"] for scanner in self.all_status().values()}, {sha256(stamped(1))})
        for index in ("due", "other"):
            self.works(1, index)
            self.all_done_once(index)

    def test_rolling_moves_those_that_can(self):
        self.begin(self.rolling)
        self.put(stamped(2, "HOST_CREATE_FAILS"))
        done = self.ctl("reload")
        self.assertEqual(done.returncode, DATA_ERROR, done.stderr)
        self.assertEqual(self.generations(), {"drains_due": 2, "drains_due@other": 1})
        self.works(2)
        self.works(1, "other")

    def test_a_rolling_reload_moves_both(self):
        self.begin(self.rolling)
        self.put(stamped(2))
        self.done("reload")
        self.assertEqual(self.generations(), {"drains_due": 2, "drains_due@other": 2})
        for index in ("due", "other"):
            self.works(2, index)

    def test_a_bad_build_takes_both_back(self):
        self.begin(self.scanners)
        self.put(stamped(2, "ALWAYS_ERRS"))
        self.done("reload")
        self.seed(80)
        eventually(lambda: all(scanner["history"][-1]["outcome"] == "rolled_back"
                               for scanner in self.all_status().values()),
                   self.log)
        for index in ("due", "other"):
            self.works(1, index)
            self.all_done_once(index)

    def test_one_name_in_two_plugins_and_the_host_is_each_ones_own(self):
        self.scanners = ("drains_due: {interval: 100ms}", "drains_too: {interval: 100ms, options: {index: too}}")
        self.put(stamped(1, "EXPORTS"))
        self.put(stamped(2, "EXPORTS", name="drains_too"), name="drains_too")
        self.write()
        self.start()
        self.works(1)
        self.works(2, "too")
        self.put(stamped(3, "EXPORTS"))
        self.done("reload")
        self.works(3)
        self.works(2, "too")
        for index in ("due", "too"):
            self.all_done_once(index)


if __name__ == "__main__":
    main()
