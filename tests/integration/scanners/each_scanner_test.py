#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every scanner must stand: filters, poisoned items, a stuck head, odd ids and odd fields.

    each_scanner_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import sys

import world
from world import SPECIMENS, Case

TRACKED = [name for name, one in SPECIMENS.items() if one.tracked]
FILTERED = [name for name, one in SPECIMENS.items() if one.filtered]
ODD_NAMES = ["with space", "new\nline", "nul\0inside", "\udcff\udcfe", "a:b::c", "{x}", "}{", "x" * 5000]


class EachScanner(Case):
    def each(self, scanners):
        for scanner in scanners:
            self.clear()
            with self.subTest(scanner=scanner):
                yield scanner

    def owner(self, scanner, name, part):
        tag = SPECIMENS[scanner].tag
        return "ff:exec:%s:%s:%s:%s" % (tag, tag, name, part)


class Filters(EachScanner):
    WANTED = {"namespace": "namespace: wanted", "tag": "instance_tag: 'acme.instance=i-1'",
              "both": "namespace: wanted, instance_tag: 'acme.instance=i-1'"}
    TAKEN = {"namespace": {"space", "both"}, "tag": {"tag", "both"}, "both": {"both"}}

    def seed_four(self, scanner):
        names = ["neither", "space", "tag", "both"]
        self.seed(scanner, names)
        for name in names:
            self.client.must("HSET", self.owner(scanner, name, "core"), "namespace",
                             "wanted" if name in ("space", "both") else "wanted2")
            self.client.must("HSET", self.owner(scanner, name, "tags"), "acme.instance",
                             "i-1" if name in ("tag", "both") else "i-10")
        return names

    def check(self, kind):
        for scanner in self.each(FILTERED):
            names = self.seed_four(scanner)
            (told,) = self.sweep(scanner, options=self.WANTED[kind])
            self.assertEqual({name for name in names if self.done(scanner, name)}, self.TAKEN[kind])
            self.assertEqual((told["processed"], told["errors"]), (len(self.TAKEN[kind]), 0), self.log)

    def test_a_namespace_lets_its_own_through_alone(self):
        self.check("namespace")

    def test_a_tag_lets_its_own_through_alone(self):
        self.check("tag")

    def test_both_together_must_both_be_met(self):
        self.check("both")

    def test_a_failed_read_of_the_filter_skips_without_a_count(self):
        for scanner in self.each(FILTERED):
            self.seed(scanner, ["item"])
            self.client.must("SET", self.owner(scanner, "item", "tags"), "no hash")
            (told,) = self.sweep(scanner, options=self.WANTED["tag"])
            self.assertFalse(self.done(scanner, "item"))
            self.assertEqual((told["processed"], told["errors"]), (0, 0), self.log)

    def test_budget_reset_accepts_a_filter_and_ignores_it(self):
        self.seed("budget_reset", ["item"])
        (told,) = self.sweep("budget_reset", options=self.WANTED["both"])
        self.assertTrue(self.done("budget_reset", "item"))
        self.assertEqual(told["processed"], 1)


class Poison(EachScanner):
    def poison(self, scanner, name):
        self.client.must("DEL", self.record(scanner, name))
        self.client.must("SET", self.record(scanner, name), "no hash")

    def test_three_failures_then_nine_cycles_of_rest_then_another_try(self):
        for scanner in self.each(TRACKED):
            self.seed(scanner, ["bad", "good"])
            self.poison(scanner, "bad")
            told = self.sweep(scanner, cycles=13)
            self.assertEqual([one["errors"] for one in told], [1] * 3 + [0] * 9 + [1], self.log)
            self.assertTrue(self.done(scanner, "good"))

    def test_the_others_go_on_and_nothing_is_lost(self):
        for scanner in self.each(SPECIMENS):
            if scanner in ("budget_reset",):
                continue
            names = ["good-%d" % number for number in range(5)]
            self.seed(scanner, ["a-bad", *names])
            self.poison(scanner, "a-bad")
            (told,) = self.sweep(scanner)
            self.assertEqual([name for name in names if not self.done(scanner, name)], [], self.log)
            self.assertEqual((told["processed"], told["errors"]), (5, 1), self.log)
            self.assertEqual(self.client.must("GET", self.record(scanner, "a-bad")), "no hash")
            self.assertIsNotNone(self.client.must("ZSCORE", SPECIMENS[scanner].index, self.member(scanner, "a-bad")))

    def test_an_index_of_a_wrong_type_is_one_error_and_stays(self):
        for scanner in self.each(SPECIMENS):
            index = SPECIMENS[scanner].index
            self.client.must("SET", index, "no index")
            (told,) = self.sweep(scanner)
            self.assertEqual((told["processed"], told["errors"]), (0, 1), self.log)
            self.assertEqual(self.client.must("GET", index), "no index")


class StuckHead(EachScanner):
    def seed_behind_others(self, scanner, good):
        stuck = ["a-%04d" % number for number in range(300)]
        self.seed(scanner, [*stuck, *good])
        for name in good:
            self.client.must("HSET", self.owner(scanner, name, "core"), "namespace", "wanted")
        index = SPECIMENS[scanner].index
        # Same score or earlier than the good ones, so that they are all in front.
        self.send([["ZADD", index, "1600000000000", self.member(scanner, name)] for name in stuck])
        return stuck

    def test_300_filtered_ones_hide_nobody(self):
        good = ["b-%04d" % number for number in range(700)]
        for scanner in self.each(FILTERED):
            stuck = self.seed_behind_others(scanner, good)
            (told,) = self.sweep(scanner, options="namespace: wanted")
            self.assertEqual(sum(not self.done(scanner, name) for name in good), 0, self.log)
            self.assertEqual(sum(self.done(scanner, name) for name in stuck), 0)
            self.assertEqual((told["processed"], told["errors"]), (700, 0))

    def test_without_drain_one_page_is_acted_on_behind_them(self):
        good = ["b-%04d" % number for number in range(200)]
        for scanner in self.each(FILTERED):
            self.seed_behind_others(scanner, good)
            (told,) = self.sweep(scanner, options="namespace: wanted", drain=False)
            self.assertEqual((told["processed"], told["errors"]), (SPECIMENS[scanner].page, 0), self.log)


class OddRecords(EachScanner):
    def test_ids_of_any_bytes_are_handled(self):
        for scanner in self.each(SPECIMENS):
            self.seed(scanner, ODD_NAMES)
            (told,) = self.sweep(scanner)
            self.assertEqual([name[:20] for name in ODD_NAMES if not self.done(scanner, name)], [], self.log)
            self.assertEqual((told["processed"], told["errors"]), (len(ODD_NAMES), 0))

    def test_any_field_missing_empty_or_not_a_number_harms_nobody_else(self):
        for scanner in self.each(SPECIMENS):
            self.seed(scanner, ["model"])
            fields = sorted(self.client.must("HGETALL", self.record(scanner, "model"))[::2])
            self.clear()
            made = {"%s-%d" % (how, number): (how, field) for number, field in enumerate(fields)
                    for how in ("missing", "empty", "word")}
            self.seed(scanner, [*made, "good"])
            for name, (how, field) in made.items():
                change = ["HDEL", self.record(scanner, name), field]
                if how != "missing":
                    change = ["HSET", self.record(scanner, name), field, "" if how == "empty" else "no-number"]
                self.client.must(*change)
            self.sweep(scanner)
            self.assertTrue(self.done(scanner, "good"), self.log)


if __name__ == "__main__":
    world.main()
