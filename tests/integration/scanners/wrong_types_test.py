#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A key of the wrong type wherever a scanner reads: it is counted, nothing is lost, other items are handled, and the
item is handled once the key is fixed.

    wrong_types_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import dataclasses

import world
from each_scanner_test import EachScanner
from specimens import WAITS, blocked, flow_member
from world import SPECIMENS

EXECUTION, FLOW, BUDGET, QUOTA = "ff:exec:{fp:0}:{fp:0}:%s:", "ff:flow:{fp:0}:%s:", "ff:budget:{b:0}:%s", "ff:quota:{q:0}:%s"
CHILD = "ff:exec:{fp:1}:{fp:1}:%s:"
UPSTREAM = "ff:exec:{fp:1}:{fp:1}:0000abc4-0000-4000-8000-000000000000:core"


@dataclasses.dataclass(frozen=True)
class Place:
    """A key, with %s in place of the item's id, and how a scan deals with it."""

    key: str
    errors: int = 1
    done: bool = False  # it is handled nevertheless: the contract fails open here, or asks only whether the key exists
    log_text: str = "WRONGTYPE"  # what the log says about it
    in_index: bool = False  # the key is the index, so no item of the partition is seen
    also: str = ""  # options that make the scanner read it


def index_of(scanner):
    return Place(SPECIMENS[scanner].index, in_index=True)


def with_core(scanner, *more):
    return [index_of(scanner), Place(EXECUTION + "core"), *more]


PLACES = {
    "lease_expiry": with_core("lease_expiry"),
    "delayed_promoter": with_core("delayed_promoter"),
    "index_reconciler": with_core("index_reconciler", Place("ff:idx:{fp:0}:lane:default:eligible", errors=2)),
    "attempt_timeout": with_core("attempt_timeout"),
    "execution_deadline": with_core("execution_deadline"),
    "suspension_timeout": with_core("suspension_timeout", Place(EXECUTION + "suspension:current")),
    "pending_wp_expiry": [index_of("pending_wp_expiry"), Place("ff:wp:{fp:0}:wp-%s")],
    "retention_trimmer": with_core("retention_trimmer", *(Place(EXECUTION + part) for part in (
        "policy", "deps:all_edges", "waitpoints", "signals")),
        Place(EXECUTION + "tags", also="hold_tag: keep")),
    "budget_reset": [index_of("budget_reset"), Place(BUDGET), Place(BUDGET + ":usage")],
    "budget_reconciler": [index_of("budget_reconciler"), Place(BUDGET), Place(BUDGET + ":usage"), Place(BUDGET + ":limits")],
    "unblock": with_core("unblock"),
    "dependency_reconciler": [index_of("dependency_reconciler"), Place(CHILD + "deps:unresolved"), Place(CHILD + "dep:e1"),
                              Place(CHILD + "core"), Place(UPSTREAM)],
    "quota_reconciler": [index_of("quota_reconciler"), Place(QUOTA),
                         Place(QUOTA + ":window:requests_per_window", done=True), Place(QUOTA + ":concurrency"),
                         Place(QUOTA + ":admitted_set"),
                         Place(QUOTA + ":admitted:{fp:0}:admitted", errors=0, done=True, log_text="")],
    "flow_projector": [index_of("flow_projector"), Place(FLOW + "core", errors=0, done=True, log_text=""), Place(FLOW + "members"),
                       Place(FLOW + "summary"), Place("ff:exec:{fp:0}:%s:core" % flow_member("item"))],
    "cancel_reconciler": [index_of("cancel_reconciler"), Place(FLOW + "core"), Place(FLOW + "pending_cancels")],
    # Each flow of the partition meets the three that they share.
    "flow_trimmer": [*(Place("ff:idx:{fp:0}:" + part, errors=2, in_index=True) for part in (
                         "flow_index", "cancel_backlog", "pending_cancel_groups")),
                     Place(FLOW + "tags", also="hold_tag: keep"), *(Place(FLOW + part) for part in ("core", "members", "in:{fp:0}:%s", "out:{fp:0}:%s"))],
    "worker_registry_sweep": [index_of("worker_registry_sweep"), Place("ff:worker:{acme}:%s:caps")],
}

# The records that decide whether an execution stays blocked. If one cannot be read the execution stays blocked,
# except for the workers' capabilities: there the scheduler has the final say.
CONDITIONS = [
    ("budget", Place(WAITS["budget"].key + ":limits", errors=0)),
    ("budget", Place(WAITS["budget"].key + ":usage", errors=0)),
    ("quota", Place(WAITS["quota"].key, errors=0)),
    ("quota", Place(WAITS["quota"].key + ":window:requests_per_window")),
    ("quota", Place(WAITS["quota"].key + ":concurrency")),
    ("route", Place("ff:idx:workers", errors=0, done=True)),
    ("route", Place("ff:worker:w1:caps", errors=0, done=True)),
]


class WrongTypes(EachScanner):
    ELSEWHERE = {"{fp:0}": "{fp:1}", "{fp:1}": "{fp:0}", "{b:0}": "{b:1}", "{q:0}": "{q:1}", "{acme}": "{beta}"}

    def break_key(self, key):
        if self.client.must("EXISTS", key):
            self.client.must("RENAME", key, "kept")
        wrong = ["SET", key, "of no use"] if not key.endswith((":policy", ":concurrency", ":caps")) else \
            ["RPUSH", key, "of no use"]
        self.client.must(*wrong)

    def mend_key(self, key):
        self.client.must("DEL", key)
        if self.client.must("EXISTS", "kept"):
            self.client.must("RENAME", "kept", key)

    def owned(self, name):
        """Everything that belongs to the item, except for its entries in indexes."""
        return {key: value for key, value in self.database().items() if name in key}

    def check_untouched(self, scanner, place, before):
        self.assertFalse(self.done(scanner, "item"), self.log)
        self.assertEqual(self.owned(SPECIMENS[scanner].id_of("item")), before)
        if not place.in_index:
            self.assertTrue(self.is_listed(scanner, "item"))

    def check(self, scanner, place):
        there = self.ELSEWHERE[SPECIMENS[scanner].tag]
        self.seed(scanner, ["item", "neighbour"])
        self.seed(scanner, ["other"], there)
        key = world.put(place.key, SPECIMENS[scanner].id_of("item"))
        self.break_key(key)
        before = self.owned(SPECIMENS[scanner].id_of("item"))
        (report,) = self.sweep(scanner, options=place.also)
        self.assertEqual(report["errors"], place.errors, self.log)
        self.assertTrue(self.done(scanner, "other", there), self.log)
        mentions = [line for line in self.lines() if place.log_text in line]
        self.assertTrue(mentions, self.log)
        # The other scanners log it when the item goes into back-off.
        if place.errors and (place.in_index or not SPECIMENS[scanner].tracked):
            self.assertIn("fix", mentions[0])
        if place.done:
            self.assertTrue(self.done(scanner, "item"), self.log)
        else:
            self.check_untouched(scanner, place, before)
        if "%s" in place.key:
            self.assertTrue(self.done(scanner, "neighbour"), self.log)
        self.mend_key(key)
        (report,) = self.sweep(scanner, options=place.also)
        self.assertEqual(report["errors"], 0, self.log)
        self.assertTrue(self.done(scanner, "item") or place.done, self.log)

    def test_each_place_that_each_scanner_reads(self):
        self.assertEqual(set(PLACES), set(SPECIMENS))
        for scanner, places in PLACES.items():
            for place in places:
                with self.subTest(key=place.key), self.on(scanner):
                    self.check(scanner, place)

    def test_each_place_that_decides_whether_an_execution_stays_blocked(self):
        for kind, place in CONDITIONS:
            with self.subTest(key=place.key), self.on("unblock"):
                self.make(blocked(kind, "item") + blocked("budget" if kind != "budget" else "quota", "other", "{fp:1}"))
                self.break_key(place.key)
                before = self.owned("item")
                (report,) = self.sweep("unblock")
                self.assertEqual(report["errors"], place.errors, self.log)
                self.assertTrue(any("WRONGTYPE" in line for line in self.lines()), self.log)
                self.assertTrue(self.done("unblock", "other", "{fp:1}"))
                self.assertEqual(self.done("unblock", "item"), place.done)
                if not place.done:
                    self.assertEqual(self.owned("item"), before)
                self.mend_key(place.key)
                (report,) = self.sweep("unblock")
                self.assertEqual(report["errors"], 0, self.log)
                self.assertTrue(self.done("unblock", "item"), self.log)


if __name__ == "__main__":
    world.main()
