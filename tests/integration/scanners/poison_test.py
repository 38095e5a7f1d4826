#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Items that always fail: they are counted, put into back-off and reported once; the others are handled, nothing is
lost, and nothing starves.

    poison_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

There are two kinds: a record of the wrong type, and keys that the host's user may not access. To a scanner that takes
a failed read for an absent record, the second kind looks like an item that is gone.
"""

import world
from each_scanner_test import EachScanner
from world import SPECIMENS

TRACKED = [name for name, specimen in SPECIMENS.items() if specimen.tracked]
SHARED = ["ff:idx:*", "ff:config:*", "ff:worker:*", "ff:wp:{fp:0}:????????-*", "*}:0000abc4*"]


class Allowed(EachScanner):
    def allow_only(self, scanner, letter):
        """Denies access to the keys of all items whose names begin otherwise. Returns the `store` text."""
        flows = ["ff:flow:*"] if scanner == "cancel_reconciler" else []  # its items are members of flows
        shared = [keys for keys in SHARED if keys != "ff:worker:*" or scanner != "worker_registry_sweep"]
        return self.may_touch(*shared, *flows, "*}:%s*" % letter, "*}:wp-%s*" % letter, "*}:%s*" % letter.encode().hex())


class Poison(Allowed):
    def break_record(self, scanner, name):
        self.client.must("DEL", self.record(scanner, name))
        self.client.must("SET", self.record(scanner, name), "of no use")

    def test_a_broken_record_is_one_error_and_stays_as_it_is(self):
        names = ["good-%d" % number for number in range(5)]
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed(scanner, ["a-bad", *names])
                self.break_record(scanner, "a-bad")
                (report,) = self.sweep(scanner)
                self.assertEqual([name for name in names if not self.done(scanner, name)], [], self.log)
                self.assertEqual((report["processed"], report["errors"]), (5, 1), self.log)
                self.assertEqual(self.client.must("GET", self.record(scanner, "a-bad")), "of no use")
                self.assertTrue(self.is_listed(scanner, "a-bad"))

    def test_what_may_not_be_touched_is_one_error_and_is_never_taken_for_absent(self):
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed(scanner, ["forbidden"])
                before = self.database()
                (report,) = self.sweep(scanner, store=self.allow_only(scanner, "g"))
                self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
                self.assertEqual(self.database(), before)
                self.seed(scanner, ["good"])
                (report,) = self.sweep(scanner, store=self.allow_only(scanner, "g"))
                self.assertTrue(self.done(scanner, "good"), self.log)
                self.assertEqual((report["processed"], report["errors"]), (1, 1), self.log)

    def test_three_failures_then_nine_cycles_of_rest_then_another_try(self):
        for scanner in TRACKED:
            with self.on(scanner):
                self.seed(scanner, ["forbidden", "good"])
                reports = self.sweep(scanner, cycles=14, store=self.allow_only(scanner, "g"))
                self.assertEqual([cycle["errors"] for cycle in reports], [1] * 3 + [0] * 9 + [1] * 2, self.log)
                self.assertEqual([cycle["skipped"] for cycle in reports], [0] * 3 + [1] * 9 + [0] * 2, self.log)
                self.assertTrue(self.done(scanner, "good"))

    def test_going_into_back_off_is_told_once_with_the_reason_and_what_to_do(self):
        for scanner in TRACKED:
            with self.on(scanner):
                self.seed(scanner, ["forbidden"])
                self.sweep(scanner, cycles=12, store=self.allow_only(scanner, "g"))
                (line,) = [line for line in self.lines() if "back-off" in line]
                self.assertIn(SPECIMENS[scanner].id_of("forbidden"), line)
                self.assertRegex(line, "(?i)no permissions|NOPERM")
                self.assertRegex(line, "fix|remove")
                self.assertEqual(sum("NOPERM" in line for line in self.lines()), 4, self.log)

    def test_those_without_back_off_tell_it_once_in_each_cycle(self):
        for scanner in SPECIMENS:
            if scanner in TRACKED:
                continue
            with self.on(scanner):
                self.seed(scanner, ["forbidden"])
                reports = self.sweep(scanner, cycles=5, store=self.allow_only(scanner, "g"))
                self.assertEqual([cycle["errors"] for cycle in reports], [1] * 5, self.log)
                self.assertEqual(sum("NOPERM" in line for line in self.lines()), 5, self.log)

    def test_an_item_that_is_mended_is_handled_and_counts_from_nothing_again(self):
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed(scanner, ["item"])
                self.sweep(scanner, cycles=2, store=self.allow_only(scanner, "g"))
                self.assertTrue(self.is_listed(scanner, "item"))
                (report,) = self.sweep(scanner)
                self.assertTrue(self.done(scanner, "item"), self.log)
                self.assertEqual((report["processed"], report["errors"]), (1, 0), self.log)


if __name__ == "__main__":
    world.main()
