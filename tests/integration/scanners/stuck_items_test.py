#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""1,000 candidates in one partition, the first 300 of which stay there: the other 700 are handled nevertheless.

    stuck_items_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

The first ones are rejected by the filter, or fail every time. stuck_heads_test.py has the cases that are special to
a scanner. The reference only looks at one page from the head and never gets past them.
"""

import world
from poison_test import TRACKED, Allowed
from world import SPECIMENS

STUCK = ["a-%04d" % number for number in range(300)]
GOOD = ["b-%04d" % number for number in range(700)]
FILTERED = [name for name, specimen in SPECIMENS.items() if specimen.filtered]


class StuckItems(Allowed):
    def seed_behind_others(self, scanner, good):
        self.seed(scanner, [*STUCK, *good])
        if not SPECIMENS[scanner].is_set:
            # Due before the good ones, so that they are all in front.
            self.send([["ZADD", SPECIMENS[scanner].index, "1600000000000", self.member(scanner, name)]
                       for name in STUCK])

    def want(self, scanner, names):
        for name in names:
            self.client.must("HSET", self.owner(scanner, name, "core"), "namespace", "wanted")

    def left(self, scanner, good):
        """How many of the good items were not handled; unknown if the scanner only reports its items."""
        return 0 if SPECIMENS[scanner].reported else len(good) - self.count_done(scanner, good)

    def test_rejected_ones_hide_nobody(self):
        for scanner in FILTERED:
            with self.on(scanner):
                self.seed_behind_others(scanner, GOOD)
                self.want(scanner, GOOD)
                before = self.records(scanner, STUCK)
                (report,) = self.sweep(scanner, options="namespace: wanted")
                self.assertEqual(self.left(scanner, GOOD), 0, self.log)
                self.assertEqual((report["processed"], report["errors"]), (700, 0))
                self.assertEqual(self.records(scanner, STUCK), before)

    def records(self, scanner, names):
        return self.client.call_all([["HGETALL", self.owner(scanner, name, "core")] for name in names])

    def test_without_drain_one_page_is_acted_on_behind_rejected_ones(self):
        for scanner in FILTERED:
            if SPECIMENS[scanner].is_set:
                continue
            with self.on(scanner):
                self.seed_behind_others(scanner, GOOD[:200])
                self.want(scanner, GOOD[:200])
                (report,) = self.sweep(scanner, options="namespace: wanted", drain=False)
                self.assertEqual((report["processed"], report["errors"]), (SPECIMENS[scanner].page, 0), self.log)

    def test_failing_ones_hide_nobody(self):
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed_behind_others(scanner, GOOD)
                (report,) = self.sweep(scanner, store=self.allow_only(scanner, "b"))
                self.assertEqual(self.left(scanner, GOOD), 0, self.log[-3000:])
                self.assertEqual((report["processed"], report["errors"]), (700, 300))

    def test_failing_ones_hide_nobody_without_drain(self):
        # A cycle for each page of good items, and two rounds of three failures for each page of stuck ones.
        for scanner in TRACKED:
            with self.on(scanner):
                self.seed_behind_others(scanner, GOOD)
                page = SPECIMENS[scanner].page
                reports = self.sweep(scanner, cycles=700 // page + 2 * 3 * (300 // page) + 2, drain=False,
                                  store=self.allow_only(scanner, "b"))
                self.assertEqual(self.left(scanner, GOOD), 0, [(cycle["processed"], cycle["errors"]) for cycle in reports])
                self.assertEqual(sum(cycle["processed"] - cycle["unchanged"] for cycle in reports), 700)


if __name__ == "__main__":
    world.main()
