#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A call is made only if its reason still holds, and a failure settles only what it proves.

    late_calls_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

Sections and rows are those of "where we do better" in the scanners' contract. The reference fails all these tests.
"""

import time

import world
from races_test import CORE, ITEM, AtExactMoments
from specimens import SPECIMENS

UNSETTLING = ["LOADING the server is not ready", "READONLY You can't write against a read only replica.",
              "OOM command not allowed when used memory > 'maxmemory'.", "MASTERDOWN Link with MASTER is down",
              "NOPERM this user has no permissions", "ERR Function not found", "CLUSTERDOWN The cluster is down",
              "TRYAGAIN Multiple keys request", "NOSCRIPT No matching script", "ERR anything at all"]


class Timeouts(AtExactMoments):
    """5.9 #23 and #24: the functions do not check that a timeout is due."""

    JUDGED = ["attempt_timeout", "execution_deadline", "suspension_timeout"]

    def test_what_left_the_index_since_the_page_was_read_is_not_called(self):
        for scanner in self.JUDGED:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item"])
                self.meanwhile("HMGET item:core", ["ZREM", SPECIMENS[scanner].index, ITEM])
                report = self.swept(scanner)
                self.assertFalse(self.done(scanner, "item"))
                self.assertEqual((report["processed"], report["errors"]), (0, 0))

    def test_what_was_put_off_since_the_page_was_read_is_not_called(self):
        for scanner in self.JUDGED:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item"])
                self.meanwhile("HMGET item:core", ["ZADD", SPECIMENS[scanner].index, "$NOW+60000", ITEM])
                report = self.swept(scanner)
                self.assertFalse(self.done(scanner, "item"))
                self.assertEqual((report["processed"], report["errors"]), (0, 0))
                self.assertTrue(self.is_listed(scanner, "item"))

    def test_no_call_is_made_from_a_page_that_is_older_than_a_second(self):
        for scanner in self.JUDGED:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item"])
                self.between.seen.clear()
                self.between.before("HMGET item:core", lambda: time.sleep(1.1))  # until the page is out of date
                self.swept(scanner)
                self.assertTrue(self.done(scanner, "item"))
                names = [command[0].upper() for command in self.between.seen]
                self.assertGreaterEqual(names[:names.index("FCALL")].count("ZRANGEBYSCORE"), 2 + 1, names)


class Waitpoints(AtExactMoments):
    """5.9 #31: the function itself would close an active waitpoint as well as a pending one."""

    WAITPOINT = "ff:wp:{fp:0}:wp-item"

    def test_an_active_waitpoint_is_not_closed(self):
        self.seed("pending_wp_expiry", ["item"])
        self.client.must("HSET", self.WAITPOINT, "state", "active")
        before = self.database()
        (report,) = self.sweep("pending_wp_expiry")
        self.assertEqual(self.database(), before)
        self.assertEqual((report["processed"], report["errors"]), (0, 0))

    def test_one_that_becomes_active_before_its_state_is_read_is_not_closed(self):
        self.seed("pending_wp_expiry", ["item"])
        self.meanwhile("HMGET wp-item", ["HSET", self.WAITPOINT, "state", "active"])
        self.swept("pending_wp_expiry")
        self.assertEqual(self.client.must("HGET", self.WAITPOINT, "state"), "active")
        self.assertTrue(self.is_listed("pending_wp_expiry", "item"))


class Replays(AtExactMoments):
    """5.9 #13: an execution that is replayed between the reads and the deletes is not destroyed."""

    def replay(self):
        return ["HSET", CORE, "lifecycle_phase", "runnable", "completed_at", ""]

    def test_an_execution_that_is_replayed_before_it_is_deleted_keeps_everything(self):
        self.seed("retention_trimmer", ["item"])
        self.make([["SET", CORE.replace(":core", ":payload"), "in"]])
        before = set(self.database())
        self.meanwhile("EVAL", self.replay())
        report = self.swept("retention_trimmer")
        self.assertEqual(set(self.database()), before)
        self.assertEqual((report["processed"], report["errors"]), (0, 0))

    def test_one_that_is_replayed_between_two_deletes_keeps_its_record_and_its_entries(self):
        self.seed("retention_trimmer", ["item"])
        self.client.must("HSET", CORE, "total_attempt_count", "300")  # 1,500 keys: more than a single command deletes
        self.meanwhile("EVAL ff:stream:{fp:0}:{fp:0}:item:250:meta", self.replay())
        self.swept("retention_trimmer")
        self.assertEqual(self.client.must("HGET", CORE, "lifecycle_phase"), "runnable")
        self.assertTrue(self.is_listed("retention_trimmer", "item"))
        self.assertTrue(self.client.must("SISMEMBER", "ff:idx:{fp:0}:all_executions", ITEM))


class Cancels(AtExactMoments):
    """5.9 #4: a member is acknowledged only if it is settled; the reference does so on every "permanent" error."""

    OWED = "ff:flow:{fp:0}:%s:pending_cancels" % SPECIMENS["cancel_reconciler"].id_of("item")

    def check_owed(self, report):
        self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
        self.assertEqual(self.client.must("SCARD", self.OWED), 1)
        self.assertTrue(self.is_listed("cancel_reconciler", "item"))

    def check_refused_at(self, command):
        for error in UNSETTLING:
            with self.subTest(error=error):
                self.clear()
                self.seed("cancel_reconciler", ["item"])
                self.between.answer(command, b"-%s\r\n" % error.encode())
                self.check_owed(self.swept("cancel_reconciler"))

    def test_a_failed_cancel_settles_nothing(self):
        self.check_refused_at("FCALL ff_cancel_execution")

    def test_a_failed_read_of_the_member_settles_nothing(self):
        self.check_refused_at("HMGET ff:exec:")

    def test_a_connection_that_is_lost_after_sending_settles_nothing(self):
        self.seed("cancel_reconciler", ["item"])
        self.between.lose("FCALL ff_cancel_execution")
        self.check_owed(self.swept("cancel_reconciler"))
        self.sweep("cancel_reconciler")
        self.assertEqual(self.client.must("EXISTS", self.OWED), 0)
        self.assertFalse(self.is_listed("cancel_reconciler", "item"))

    def test_a_record_of_a_wrong_type_settles_its_member_and_is_told(self):
        for command in ("FCALL ff_cancel_execution", "HMGET ff:exec:"):
            with self.subTest(command=command):
                self.clear()
                self.seed("cancel_reconciler", ["item"])
                self.between.answer(command, b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
                report = self.swept("cancel_reconciler")
                self.assertEqual((report["processed"], report["errors"]), (1, 0))
                self.assertTrue(any("cannot be cancelled" in line for line in self.lines()), self.log)
                self.assertFalse(self.is_listed("cancel_reconciler", "item"))


if __name__ == "__main__":
    world.main()
