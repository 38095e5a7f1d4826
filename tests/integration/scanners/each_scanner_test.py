#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every scanner must cope with: filters, poisoned items, a stuck head, odd ids and odd fields.

    each_scanner_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import contextlib

import world
from world import SPECIMENS, Case

FILTERED = [name for name, specimen in SPECIMENS.items() if specimen.filtered]
ODD_NAMES = ["with space", "new\nline", "nul\0inside", "\udcff\udcfe", "a:b::c", "{x}", "}{", "100%d", "'\"`", "x" * 5000]

WRONG = {"missing": None, "empty": "", "word": "no-number", "huge": "9" * 30, "negative": "-1", "nan": "nan",
         "exponent": "1e300", "bytes": "\udcff\0\udc80"}


class EachScanner(Case):
    @contextlib.contextmanager
    def on(self, scanner):
        """An empty store for this scanner; a failure here does not end the test of the other scanners."""
        with self.subTest(scanner=scanner):
            self.clear()
            yield


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
        for scanner in FILTERED:
            with self.on(scanner):
                names = self.seed_four(scanner)
                (report,) = self.sweep(scanner, options=self.WANTED[kind])
                self.assertEqual({name for name in names if self.done(scanner, name)}, self.TAKEN[kind])
                self.assertEqual((report["processed"], report["errors"]), (len(self.TAKEN[kind]), 0), self.log)

    def test_a_namespace_lets_its_own_through_alone(self):
        self.check("namespace")

    def test_a_tag_lets_its_own_through_alone(self):
        self.check("tag")

    def test_both_together_must_both_be_met(self):
        self.check("both")

    def check_unreadable(self, kind, part):
        for scanner in FILTERED:
            with self.on(scanner):
                self.seed(scanner, ["item"])
                self.client.must("DEL", self.owner(scanner, "item", part))
                self.client.must("SET", self.owner(scanner, "item", part), "no hash")
                before = self.database()
                (report,) = self.sweep(scanner, options=self.WANTED[kind])
                self.assertEqual(self.database(), before)
                self.assertEqual((report["processed"], report["errors"]), (0, 0), self.log)

    def test_a_failed_read_of_the_tag_skips_without_a_count(self):
        self.check_unreadable("tag", "tags")

    def test_a_failed_read_of_the_namespace_skips_without_a_count(self):
        self.check_unreadable("namespace", "core")

    def test_those_that_sweep_budgets_quotas_and_flows_accept_a_filter_and_ignore_it(self):
        # worker_registry_sweep has a filter of its own.
        for scanner in [name for name in SPECIMENS if name not in [*FILTERED, "worker_registry_sweep"]]:
            with self.on(scanner):
                self.seed(scanner, ["item"])
                (report,) = self.sweep(scanner, options=self.WANTED["both"])
                self.assertTrue(self.done(scanner, "item"), self.log)
                self.assertEqual((report["processed"], report["errors"]), (1, 0))


class OddRecords(EachScanner):
    def test_ids_of_any_bytes_are_handled(self):
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed(scanner, ODD_NAMES)
                (report,) = self.sweep(scanner)
                self.assertEqual([name[:20] for name in ODD_NAMES if not self.done(scanner, name)], [], self.log)
                self.assertEqual((report["processed"], report["errors"]), (len(ODD_NAMES), 0))

    def test_flows_and_members_whose_ids_are_none_leave_the_cancel_backlog(self):
        """Only cancel_reconciler insists on UUIDs."""
        backlog, flow = SPECIMENS["cancel_reconciler"].index, SPECIMENS["cancel_reconciler"].id_of("item")
        owed = "ff:flow:{fp:0}:%s:pending_cancels" % flow
        self.seed("cancel_reconciler", ["item"])
        self.make([["ZADD", backlog, "1", name] for name in ODD_NAMES] + [["SADD", owed, name] for name in ODD_NAMES])
        (report,) = self.sweep("cancel_reconciler")
        self.assertTrue(self.done("cancel_reconciler", "item"), self.log)
        self.assertEqual(self.client.must("EXISTS", backlog, owed), 0)
        self.assertEqual((report["processed"], report["errors"]), (1, 2 * len(ODD_NAMES)))

    def hash_fields(self, scanner, name):
        """Each hash and field of an item, with the item's id removed from the key."""
        keys = [key for key in self.client.must("KEYS", "*") if SPECIMENS[scanner].id_of(name) in key]
        return [(key.replace(SPECIMENS[scanner].id_of(name), "%s"), field) for key in sorted(keys)
                if self.client.must("TYPE", key) == "hash" for field in sorted(self.client.must("HKEYS", key))]

    def test_any_field_missing_empty_or_not_a_number_harms_nobody_else(self):
        for scanner in SPECIMENS:
            with self.on(scanner):
                self.seed(scanner, ["model"])
                fields = self.hash_fields(scanner, "model")
                self.assertTrue(fields)
                self.clear()
                bad_items = {"%s-%d" % (how, number): (how, *where) for number, where in enumerate(fields) for how in WRONG}
                self.seed(scanner, [*bad_items, "good"])
                for name, (how, key, field) in bad_items.items():
                    key = world.put(key, SPECIMENS[scanner].id_of(name))
                    self.client.must(*(["HDEL", key, field] if how == "missing" else ["HSET", key, field, WRONG[how]]))
                (report,) = self.sweep(scanner)
                if SPECIMENS[scanner].reported:  # more items are wrong than the log takes lines in a second
                    self.assertGreaterEqual(report["processed"], len(bad_items) // 2)
                else:
                    self.assertTrue(self.done(scanner, "good"), self.log)


if __name__ == "__main__":
    world.main()
