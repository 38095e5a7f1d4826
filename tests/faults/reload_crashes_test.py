#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hosts that crash in a plugin, and hosts that are killed in the middle of reloads.

    reload_crashes_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import os
import pathlib
import random
import signal
import threading
import time

from reload_host import Host, eventually, main, sha256, stamped


STUCK = 86


class Crashes(Host):
    scanners = ("drains_due: {interval: 100ms}", "drains_too: {interval: 100ms, options: {index: too}}")

    def setUp(self):
        super().setUp()
        self.bad = stamped(2, "SCAN_CRASHES")
        self.put(self.bad)
        self.put(stamped(1, name="drains_too"), name="drains_too")

    def is_kept(self, data):
        """Waits until the host has found out that this build runs well."""
        file = self.staging / "good.json"
        eventually(lambda: file.exists() and sha256(data) in file.read_text(), self.log)

    def crashes(self):
        """Starts a host that crashes in cycle 5 of drains_due."""
        self.start(ready=False)
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV, self.log())

    def test_a_crash_in_a_scan_is_told_at_once_and_at_the_next_start(self):
        self.write()
        self.crashes()
        line = "scanner=drains_due generation=1 sha256=%s entry=scan signal=SIGSEGV" % sha256(self.bad)
        self.assertIn("crash: " + line, self.log())
        (record,) = self.staging.glob("crash-*.txt")
        self.assertIn(line, record.read_text())
        self.assertRegex(record.read_text(), r" code=plugin\+0x[0-9a-f]+ copy=drains_due\.\S+\.so\ntrace=plugin\+0x[0-9a-f]+,")
        self.crashes()
        self.assertRegex(self.log(), r"an earlier host crashed: SIGSEGV in scan, scanner drains_due, generation 1")
        self.assertFalse(record.exists(), "it counts once")

    def test_after_three_in_a_row_it_is_quarantined_and_the_others_run_until_it_is_released(self):
        self.write()
        for _ in range(3):
            self.crashes()
        self.start()
        held = self.status()
        self.assertTrue(held["blocked"])
        for word in ("crashed its host 3 times in a row", "SIGSEGV in scan"):
            self.assertIn(word, held["last_error"])
        self.assertIn(sha256(self.bad)[:12], self.done("blocked"))
        self.works(1, "too")
        refused = self.ctl("run-now", "drains_due")
        self.assertNotEqual(refused.returncode, 0)
        self.put(stamped(3))  # another build may run at once
        self.done("reload")
        self.works(3)
        self.put(self.bad)
        self.assertNotEqual(self.ctl("reload").returncode, 0)
        self.assertEqual(self.stop(), 0, self.log())
        self.start()
        self.works(3)  # the last good build, though the file is the blocked one
        self.done("release", sha256(self.bad)[:12])
        eventually(lambda: self.process.poll() is not None, "it runs, and crashes again")
        self.assertEqual(self.process.wait(), -signal.SIGSEGV)
        self.all_done_once("too", calls_once=False)

    def test_a_good_end_between_crashes_starts_the_count_anew(self):
        self.write(plugins=", crash_limit: 2")
        self.crashes()
        self.write(["drains_due: {interval: 1h}", self.scanners[1]], plugins=", crash_limit: 2")
        self.start()
        eventually(lambda: self.status()["cycles"] > 0, self.log)
        self.assertEqual(self.stop(), 0, self.log())
        self.write(plugins=", crash_limit: 2")
        self.crashes()
        self.start(ready=False)
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV, "it crashed only once in a row, so it must run again")
        self.start()
        self.assertTrue(self.status()["blocked"])

    def test_a_signal_from_outside_is_no_plugins_fault(self):
        self.put(stamped(1))
        self.write(plugins=", crash_limit: 1")
        self.start()
        self.process.send_signal(signal.SIGSEGV)
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV)
        self.start()
        self.works(1)
        self.assertIn("no build is blocked", self.done("blocked"))

    def test_a_build_that_crashes_after_a_reload_is_quarantined_by_its_hash(self):
        self.put(stamped(1))
        self.write(plugins=", crash_limit: 1")
        self.start()
        self.works(1)
        self.put(self.bad)
        self.ctl("reload")
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV, self.log())
        self.assertRegex(self.log(), "crash: scanner=drains_due generation=2 sha256=" + sha256(self.bad))
        self.start()
        self.assertFalse(self.status()["blocked"])
        self.works(1)  # the last good build, though the file is the bad one
        self.assertIn(sha256(self.bad)[:12], self.done("blocked"))
        self.put(stamped(3))
        self.done("reload")
        self.works(3)

    def test_a_crash_of_a_new_build_costs_one_restart_and_then_the_old_build_runs(self):
        self.put(stamped(1))
        self.write()
        self.start()
        self.works(1)
        self.put(self.bad)
        self.ctl("reload")
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV, self.log())
        self.start()
        self.works(1)
        self.works(1, "too")
        first = self.status()["history"][-1]
        self.assertEqual((first["outcome"], first["sha256"]), ("rolled_back", sha256(stamped(1))))
        self.assertIn("it crashed its host once", first["reason"])
        self.assertEqual(self.metric("scanhost_reloads_total", scanner="drains_due", outcome="rolled_back"), 1)
        self.assertNotEqual(self.ctl("reload").returncode, 0, "the bad file is still there")
        self.works(1)
        self.assertEqual(self.stop(), 0, self.log())
        self.start()  # and so at each start
        self.works(1)
        self.done("release", sha256(self.bad)[:12])
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV, "a released build runs, and crashes again")
        self.start()
        self.works(1)

    def test_a_new_build_that_was_installed_while_no_host_ran_is_taken_back_too(self):
        self.put(stamped(1))
        self.write()
        self.start()
        self.works(1)
        self.cycles_pass(more=3)
        self.is_kept(stamped(1))
        self.assertEqual(self.stop(), 0, self.log())
        self.put(self.bad)
        self.crashes()
        self.start()
        self.works(1)

    def test_a_crash_of_a_good_build_is_not_enough_to_leave_it(self):
        self.write()
        for _ in range(2):  # it completes enough cycles, and there is no other
            self.crashes()
        self.assertNotIn("last good build", self.log())

    def test_a_damaged_copy_of_the_last_good_build_is_not_used(self):
        self.put(stamped(1))
        self.write()
        self.start()
        self.works(1)
        self.is_kept(stamped(1))
        self.assertEqual(self.stop(), 0, self.log())
        (copy,) = self.staging.glob("good/%s/drains_due.so" % sha256(stamped(1)))
        copy.chmod(0o600)
        copy.write_bytes(b"damaged")
        self.put(self.bad)
        self.crashes()
        self.start()
        self.assertTrue(self.status()["blocked"])
        self.assertIn("cannot be used", self.log())
        self.works(1, "too")

    def test_the_copy_that_crashed_stays_until_its_build_is_released(self):
        self.write(plugins=", crash_limit: 1")
        self.crashes()
        self.start()
        (marker,) = self.staging.glob("host-*/crashed")
        kept_hash, name = marker.read_text().split()
        self.assertEqual(kept_hash, sha256(self.bad))
        self.assertEqual((marker.parent / name).read_bytes(), self.bad)
        self.assertEqual({path.name for path in marker.parent.iterdir()}, {"crashed", name})
        self.assertIn("copy=%s" % (marker.parent / name), self.log())
        self.put(stamped(3))
        self.done("release", sha256(self.bad)[:12])
        self.assertFalse(marker.parent.exists())


class Kills(Host):
    """SIGKILL at some moment of a reload; the next host continues, nothing is lost or done twice, no files remain."""

    watch = True
    rounds = 10

    def storm(self, ended):
        """One new build after the other, each loaded at once: the host hardly does anything but reload."""
        number = 10
        while not ended.is_set():
            number += 1
            self.put(stamped(number))
            if self.ctl("reload").returncode != 0:
                time.sleep(0.05)  # no host listens yet

    def in_a_storm(self):
        ended = threading.Event()
        thread = threading.Thread(target=self.storm, args=(ended,), daemon=True)
        thread.start()

        def end():
            ended.set()
            thread.join()
        self.addCleanup(end)
        return end

    def test_killed_at_any_moment(self):
        self.put(stamped(1))
        self.write()
        load = self.under_load()
        end_storm = self.in_a_storm()
        for seed in range(self.rounds):
            self.start()
            time.sleep(random.Random(seed).uniform(0.05, 1.2))  # the moment of the kill
            self.process.kill()
            self.process.wait()
        end_storm()
        self.put(stamped(2))
        self.start()
        self.runs(stamped(2))
        self.end_load(load)
        self.works(2)
        # A call that was on its way when its host was killed may be carried out after the next host has read the page:
        # then it is sent twice, and done once.
        self.all_done_once(calls_once=False)
        builds = len(self.sums("calls"))
        print("%d hosts killed, %d builds did the work" % (self.rounds, builds))
        self.assertGreater(builds, self.rounds, "there must have been reloads")
        folders = list(self.staging.glob("host-*"))
        self.assertEqual(len(folders), 1, "folders of killed hosts must be removed")
        self.assertEqual(len(list(self.staging.glob("crash-*.txt"))), 1, "only the running host's own record may remain")
        self.only_one_copy_is_mapped()
        self.assertEqual(self.stop(), 0, self.log())
        self.assertEqual(list(self.staging.glob("host-*")), [])


class KillsInEachStep(Host):
    """SIGKILL of the host while the new or the old build makes a step of the reload wait."""

    def setUp(self):
        super().setUp()
        self.scanners = ("drains_due: {interval: 100ms, hang_timeout: 1m, drain_timeout: 1m, options: {gate: '%s'}}"
                         % self.gate,)

    def probes(self):
        """The child process of the probe, which the reloader's thread starts."""
        tasks = pathlib.Path("/proc/%d/task" % self.process.pid).iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]

    def copies(self):
        return [path for path in self.staging.glob("host-*/drains_due.*") if path.stat().st_size > len(stamped(1))]

    def killed_in(self, old, new, step):
        """`step` returns true when the reload has reached the step in which the host is to be killed."""
        self.put(old)
        self.write()
        self.start()
        eventually(lambda: self.status()["state"] in ("waiting", "cycling"), self.log)
        self.seed(2000)
        self.put(new)
        asked = threading.Thread(target=self.ctl, args=("reload",), daemon=True)
        asked.start()
        deadline = time.monotonic() + 60
        while not step():
            self.assertLess(time.monotonic(), deadline, "the step was not reached: " + self.log())
            time.sleep(0.001)
        probes = self.probes()
        self.process.kill()
        self.process.wait()
        asked.join()
        self.gate.unlink(missing_ok=True)
        self.put(stamped(3))
        self.start()
        self.works(3)
        self.all_done_once(calls_once=False)
        eventually(lambda: not any(pathlib.Path("/proc/%d" % probe).exists() for probe in probes),
                   "no probe may outlive its host")
        self.only_one_copy_is_mapped()
        self.assertEqual(len(list(self.staging.glob("host-*"))), 1,
                         "the folders of killed hosts must be removed")
        self.assertEqual(self.stop(), 0, self.log())

    def test_while_the_file_is_copied(self):
        self.killed_in(stamped(1), stamped(2) + bytes(64 << 20), self.copies)

    def test_while_it_is_probed(self):
        self.killed_in(stamped(1), stamped(2, "CREATE_HANGS"), self.probes)

    def test_while_the_new_generation_is_made(self):
        self.killed_in(stamped(1), stamped(2, "HOST_CREATE_HANGS"), lambda: len(self.staged_maps()) == 2)

    def test_while_the_old_generation_drains(self):
        self.killed_in(stamped(1, "SCAN_WAITS"), stamped(2), lambda: len(self.staged_maps()) == 2)

    def test_while_the_old_generation_is_destroyed(self):
        inside = self.gate.with_name("gate.inside")
        self.killed_in(stamped(1, "DESTROY_WAITS"), stamped(2), inside.exists)

    def test_while_the_new_generation_is_on_probation(self):
        self.killed_in(stamped(1), stamped(2), lambda: self.status()["probation"])


class Ends(Host):
    """A host that is told to stop, or loses its store, while it reloads."""

    def setUp(self):
        super().setUp()
        self.scanners = ("drains_due: {interval: 100ms, hang_timeout: 1m, drain_timeout: 5m, options: {gate: '%s'}}"
                         % self.gate,)

    def reload_that_takes_long(self, data, begun):
        self.started()
        self.put(data)
        asked = threading.Thread(target=self.ctl, args=("reload",), daemon=True)
        asked.start()
        self.addCleanup(asked.join)
        eventually(begun, self.log)

    def two_copies(self):
        return len(self.staged_maps()) == 2

    def test_a_host_stops_while_a_new_generation_hangs_in_create(self):
        self.reload_that_takes_long(stamped(2, "HOST_CREATE_HANGS"), self.two_copies)
        self.assertEqual(self.stop(), STUCK, self.log())

    def test_a_host_stops_while_an_old_generation_does_not_drain(self):
        self.put(stamped(1, "SCAN_WAITS"))
        self.write()
        self.start()
        eventually(lambda: self.status()["state"] == "cycling", self.log)
        self.put(stamped(2))
        asked = threading.Thread(target=self.ctl, args=("reload",), daemon=True)
        asked.start()
        self.addCleanup(asked.join)
        eventually(self.two_copies, self.log)
        self.assertEqual(self.stop(), 0, "it must stop long before drain_timeout: " + self.log())

    def test_a_host_answers_while_a_scanner_that_goes_drains(self):
        self.put(stamped(1, "SCAN_WAITS"))
        self.put(stamped(1, name="drains_too"), name="drains_too")
        other = "drains_too: {interval: 100ms}"
        self.write([*self.scanners, other])
        self.start()
        eventually(lambda: self.status()["state"] == "cycling", self.log)
        self.write([other])
        asked = threading.Thread(target=self.ctl, args=("reload",), daemon=True)
        asked.start()
        self.addCleanup(asked.join)
        self.addCleanup(self.gate.touch)
        eventually(lambda: self.status()["state"] == "stopping", self.log)
        self.cycles_pass("drains_too", more=25)  # longer than the control thread takes to look at all scanners twice
        self.assertEqual(self.status()["state"], "stopping")
        self.gate.touch()
        eventually(lambda: set(self.all_status()) == {"drains_too"}, self.log)
        self.works(1)

    def test_a_host_stops_in_a_storm_of_reloads(self):
        self.started()
        load = self.under_load()
        ended = threading.Event()

        def storm():
            number = 10
            while not ended.is_set():
                number += 1
                self.put(stamped(number))
                self.ctl("reload")

        thread = threading.Thread(target=storm, daemon=True)
        thread.start()
        eventually(lambda: len(self.sums("calls")) > 3, self.log)
        code = self.stop()
        ended.set()
        thread.join()
        self.assertEqual(code, 0, self.log())
        self.assertEqual(list(self.staging.glob("host-*")), [])
        self.put(stamped(1))
        self.start()
        self.end_load(load)
        self.all_done_once()

    def test_a_reload_without_the_store_is_refused_and_works_when_it_is_back(self):
        self.started()
        moved = self.folder / "elsewhere.sock"
        os.rename(self.address, moved)  # existing connections stay open
        self.put(stamped(2))
        done = self.ctl("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.status()["generation"], 1)
        self.works(1)
        os.rename(moved, self.address)
        self.done("reload")
        self.works(2)
        self.all_done_once()

    def test_requests_at_once_are_carried_out_one_after_the_other(self):
        self.started()
        load = self.under_load()
        codes = []

        def ask(number):
            self.put(stamped(number))
            codes.append(self.ctl(*[("reload",), ("plan",), ("reload", "drains_due"), ("blocked",)][number % 4]).returncode)

        threads = [threading.Thread(target=lambda n=n: ask(n), daemon=True) for n in range(10, 30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(codes), {0})
        self.put(stamped(2))
        self.done("reload")
        self.works(2)
        self.end_load(load)
        self.all_done_once()
        self.only_one_copy_is_mapped()


if __name__ == "__main__":
    main()
