#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin's file is replaced, damaged, moved and removed while a host works with it and watches it.

    reload_files_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import os
import time

from reload_host import Host, eventually, main, stamped


class Watching(Host):
    watch = True

    def setUp(self):
        super().setUp()
        self.target = self.plugins / "drains_due.so"

    def is_refused(self, *words):
        """Waits until the host reports that it refused the file; the old build continues."""
        reason = eventually(lambda: next((entry["reason"] for entry in self.status()["history"]
                                        if entry["outcome"] == "refused"), None), self.log)
        for word in words:
            self.assertIn(word, reason)
        self.assertEqual(self.status()["generation"], 1)


class Replacing(Watching):
    def test_a_rename_brings_the_new_build(self):
        self.started()
        load = self.under_load()
        self.put(stamped(2))
        now = self.runs(stamped(2))
        self.works(2)
        self.end_load(load)
        self.assertEqual((now["generation"], self.outcomes()), (2, ["started", "reloaded"]))
        self.all_done_once()
        self.only_one_copy_is_mapped()

    def test_overwriting_in_place_under_load_does_nothing_to_what_runs(self):
        self.started()
        load = self.under_load()
        data = stamped(2)
        with open(self.target, "r+b", buffering=0) as file:
            for begin in range(0, len(data), 4096):
                file.write(data[begin:begin + 4096])
                time.sleep(0.02)  # a slow writer
            file.truncate(len(data))
            self.cycles_pass()
            self.assertEqual(self.outcomes(), ["started"], "it must not be loaded before it is complete")
        self.runs(data)
        self.end_load(load)
        self.assertEqual(self.outcomes(), ["started", "reloaded"])
        self.all_done_once()

    def test_truncating_under_load_does_nothing_to_what_runs(self):
        self.started()
        load = self.under_load()
        os.truncate(self.target, 5000)
        os.truncate(self.target, 0)
        with open(self.target, "r+b"):
            pass  # closing after writing gives a notice; a truncate alone is only found later, by the comparison
        self.is_refused("drains_due.so")
        self.cycles_pass()
        self.target.write_bytes(stamped(2))
        self.runs(stamped(2))
        self.end_load(load)
        self.all_done_once()

    def test_half_a_file_is_refused_and_the_whole_one_taken(self):
        self.started()
        data = stamped(2)
        half = self.folder / "half"
        half.write_bytes(data[:len(data) // 2])
        half.chmod(0o644)
        half.rename(self.target)
        self.is_refused("drains_due.so")
        self.works(1)
        with open(self.target, "ab") as file:
            file.write(data[len(data) // 2:])
        self.runs(data)
        self.works(2)
        self.all_done_once()

    def test_a_slow_copy_is_one_reload_of_a_whole_file(self):
        self.started()
        load = self.under_load()
        data = stamped(2)
        self.target.unlink()
        with open(self.target, "wb", buffering=0) as file:
            for begin in range(0, len(data), 1024):
                file.write(data[begin:begin + 1024])
                time.sleep(0.02)
        self.runs(data)
        self.end_load(load)
        outcomes = self.outcomes()
        self.assertEqual(outcomes.count("reloaded"), 1, outcomes)
        self.assertEqual(self.status()["generation"], 2)
        self.all_done_once()

    def test_a_file_that_is_gone_leaves_the_scanner_running(self):
        self.started()
        self.target.unlink()
        self.is_refused("drains_due.so")
        self.works(1)
        self.put(stamped(2))
        self.runs(stamped(2))
        self.works(2)
        self.all_done_once()

    def test_the_same_bytes_are_no_reload(self):
        self.started()
        self.put(stamped(1))
        eventually(lambda: "changed: %s" % self.target in self.log(), self.log)
        self.assertIn("nothing has changed", self.done("reload"))
        self.assertEqual((self.status()["generation"], self.outcomes()), (1, ["started"]))

    def test_a_storm_of_events_is_a_few_reloads(self):
        self.started()
        load = self.under_load()
        for number in range(500):
            data = stamped(2 + number % 2)
            if number % 10 == 0:
                with open(self.target, "r+b", buffering=0) as file:
                    file.write(data)
            else:
                self.put(data)
        self.put(stamped(9))
        self.runs(stamped(9))
        self.end_load(load)
        now = self.status()
        self.assertLess(now["generation"], 30)
        print("500 events, %d generations" % now["generation"])
        self.assertNotIn("rolled_back", self.outcomes())
        self.all_done_once()
        self.only_one_copy_is_mapped()


class Links(Watching):
    def releases(self):
        """Two folders, each with a build."""
        for number in (1, 2):
            folder = self.folder / ("release-%d" % number)
            folder.mkdir()
            self.put(stamped(number), folder=folder)
            yield folder

    @staticmethod
    def swap(link, to):
        fresh = link.with_name(link.name + ".new")
        fresh.symlink_to(to)
        fresh.rename(link)

    def test_a_link_to_another_file_brings_that_build(self):
        first, second = self.releases()
        self.target.symlink_to(first / "drains_due.so")
        self.write()
        self.start()
        self.works(1)
        self.swap(self.target, second / "drains_due.so")
        self.runs(stamped(2))
        self.works(2)
        self.all_done_once()

    def test_a_folder_that_is_a_link_is_looked_at_again(self):
        first, second = self.releases()
        current = self.folder / "current"
        current.symlink_to(first)
        self.write(folder=current)
        self.start()
        self.works(1)
        self.swap(current, second)
        self.runs(stamped(2))
        self.works(2)
        self.put(stamped(3), folder=second)
        self.runs(stamped(3))
        self.all_done_once()


    def test_a_folder_that_is_moved_away_and_replaced_is_watched_again(self):
        self.started()
        fresh = self.folder / "fresh"
        fresh.mkdir()
        self.put(stamped(2), folder=fresh)
        self.plugins.rename(self.folder / "old")
        fresh.rename(self.plugins)
        self.runs(stamped(2))
        self.put(stamped(3))
        self.runs(stamped(3))
        self.works(3)
        self.all_done_once()


class Trust(Watching):
    def test_a_file_that_others_may_write_is_refused_until_it_is_theirs_no_more(self):
        self.started()
        fresh = self.folder / "fresh.so"
        fresh.write_bytes(stamped(2))
        fresh.chmod(0o664)
        fresh.rename(self.target)
        self.is_refused("drains_due.so", "group")
        self.works(1)
        self.target.chmod(0o644)
        self.runs(stamped(2))
        self.works(2)
        self.all_done_once()

    def test_check_owner_false_takes_it(self):
        self.put(stamped(1)).chmod(0o666)
        self.write(plugins=", check_owner: false")
        self.start()
        self.works(1)


if __name__ == "__main__":
    main()
