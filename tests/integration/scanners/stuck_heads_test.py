#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing starves: items that stay at the head of an index never hide those behind them.

    stuck_heads_test.py --bin DIR --plugins DIR [--server NAME] [unittest arguments]

Each case puts more than a page of candidates that cannot be handled before good ones, in one partition of the real
store, and lets the real host run full cycles of one scanner. The reference only looks at one page from the head.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "contract"))

from run_vectors import connect, private_server, server_ms  # noqa: E402

OPTIONS = None
TAG = "{fp:2}"
STUCK, GOOD = 200, 200


def execution(number):
    return "%s:00000000-0000-4000-8000-%012x" % (TAG, number)


def core(eid):
    return "ff:exec:%s:%s:core" % (TAG, eid)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-heads-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        server = private_server(OPTIONS.server)
        self.address = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.client = connect(self.address)
        self.addCleanup(self.client.close)
        library = (OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")
        self.client.must("FUNCTION", "LOAD", library)
        self.now = server_ms(self.client)

    def run_cycles(self, scanner, cycles=1, keys="", options=""):
        file = self.folder / "scanhost.yaml"
        file.write_text("store: {url: 'unix://%s'}\nplugins: {path: ['%s'], staging: '%s'}\nadmin: {listen: none}\n"
                        "partitions: {flow: 4}\noptions: {%s}\nscanners:\n  %s: {%s}\n"
                        % (self.address, OPTIONS.plugins, self.folder / "staging", options, scanner, keys))
        done = subprocess.run([str(OPTIONS.bin / "scanhost"), "run", "--cycles", str(cycles), "--json", "--config",
                               str(file)], capture_output=True, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)[0]["cycles"]

    def fields(self, number, more):
        record = {"execution_id": execution(number), "lane_id": "default", "namespace": "mine", "priority": "0",
                  "created_at": str(self.now - 60000), "ownership_state": "unowned", "attempt_state": "none"}
        record.update(more)
        return ["HSET", core(execution(number))] + [part for pair in record.items() for part in pair]

    def seed(self, index, count, first, age_ms, more):
        """`count` candidates from number `first` on, due `age_ms` ago."""
        commands = []
        for number in range(first, first + count):
            commands.append(self.fields(number, more))
            commands.append(["ZADD", index, str(self.now - age_ms), execution(number)])
        self.client.call_all(commands)

    def count(self, field, value, first, count):
        values = self.client.call_all([["HGET", core(execution(number)), field] for number in range(first, first + count)])
        return sum(found == value for found in values)


class LeaseExpiry(Case):
    INDEX = "ff:idx:%s:lease_expiry" % TAG

    def lease(self, ownership, namespace="mine"):
        return {"lifecycle_phase": "active", "ownership_state": ownership, "namespace": namespace,
                "lease_expires_at": str(self.now - 1000), "attempt_state": "running_attempt",
                "current_attempt_index": "0"}

    def expired(self):
        return self.count("ownership_state", "lease_expired_reclaimable", STUCK, GOOD)

    def test_leases_that_expired_before_hide_nobody(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.lease("lease_expired_reclaimable"))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.lease("leased"))
        (cycle,) = self.run_cycles("lease_expiry")
        self.assertEqual((cycle["processed"], cycle["unchanged"], cycle["errors"]), (STUCK + GOOD, STUCK, 0))
        self.assertEqual(self.expired(), GOOD)

    def test_executions_that_the_filter_rejects_hide_nobody(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.lease("leased", "theirs"))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.lease("leased"))
        (cycle,) = self.run_cycles("lease_expiry", options="namespace: mine")
        self.assertEqual((cycle["processed"], cycle["skipped"], cycle["errors"]), (GOOD, STUCK, 0))
        self.assertEqual(self.expired(), GOOD)
        self.assertEqual(self.count("ownership_state", "leased", 0, STUCK), STUCK)

    def test_revoked_leases_hide_nobody_even_without_drain(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.lease("lease_revoked"))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.lease("leased"))
        self.run_cycles("lease_expiry", cycles=(STUCK + GOOD) // 50, keys="drain: false")
        self.assertEqual(self.expired(), GOOD)


class DelayedPromoter(Case):
    INDEX = "ff:idx:%s:lane:default:delayed" % TAG

    def delay(self, until="0"):
        return {"lifecycle_phase": "runnable", "eligibility_state": "not_eligible_until_time", "delay_until": until}

    def promoted(self, first=STUCK, count=GOOD):
        return self.count("eligibility_state", "eligible_now", first, count)

    def test_executions_whose_call_aborts_hide_nobody(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.delay(until=""))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.delay())
        (cycle,) = self.run_cycles("delayed_promoter")
        self.assertEqual((cycle["processed"], cycle["errors"]), (GOOD, STUCK))
        self.assertEqual(self.promoted(), GOOD)

    def test_executions_in_back_off_are_paged_past(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.delay(until=""))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.delay())
        cycles = self.run_cycles("delayed_promoter", cycles=14, keys="drain: false, page_size: 200")
        self.assertEqual([cycle["errors"] for cycle in cycles], [STUCK] * 3 + [0] * 9 + [STUCK] * 2)
        self.assertEqual([cycle["processed"] for cycle in cycles], [0] * 3 + [GOOD] + [0] * 10)
        self.assertEqual(cycles[3]["skipped"], STUCK)

    def test_records_that_say_later_hide_nobody(self):
        self.seed(self.INDEX, STUCK, 0, 5000, self.delay(until=str(self.now + 3_600_000)))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.delay())
        (cycle,) = self.run_cycles("delayed_promoter")
        self.assertEqual((cycle["processed"], cycle["unchanged"], cycle["errors"]), (STUCK + GOOD, STUCK, 0))
        self.assertEqual(self.promoted(), GOOD)

    def test_without_drain_a_cycle_does_exactly_one_page(self):
        self.seed(self.INDEX, 300, 0, 1000, self.delay())
        cycles = self.run_cycles("delayed_promoter", cycles=7, keys="drain: false")
        self.assertEqual([cycle["processed"] for cycle in cycles], [50] * 6 + [0])
        self.assertEqual(self.promoted(0, 300), 300)

    def test_without_drain_rejected_ones_do_not_count_towards_the_page(self):
        self.seed(self.INDEX, 900, 10_000, 5000, dict(self.delay(), namespace="theirs"))
        self.seed(self.INDEX, 300, 0, 1000, self.delay())
        (cycle,) = self.run_cycles("delayed_promoter", keys="drain: false", options="namespace: mine")
        self.assertEqual((cycle["processed"], cycle["skipped"]), (50, 900))

    def test_a_place_is_kept_when_the_budget_of_pages_is_spent(self):
        self.seed(self.INDEX, 1200, 10_000, 5000, dict(self.delay(), namespace="theirs"))
        self.seed(self.INDEX, GOOD, STUCK, 1000, self.delay())
        cycles = self.run_cycles("delayed_promoter", cycles=2, options="namespace: mine")
        self.assertEqual([cycle["processed"] for cycle in cycles], [0, GOOD])
        self.assertEqual(cycles[0]["skipped"], 1000)


class CancelReconciler(Case):
    def test_flows_whose_members_belong_to_another_filter_hide_nobody(self):
        reason = {"cancel_reason": "stop"}
        for number in range(STUCK + GOOD):
            flow = "00000000-0000-4000-9000-%012x" % number
            namespace = "theirs" if number < STUCK else "mine"
            owed = execution(number)
            self.client.call_all([
                self.fields(number, {"lifecycle_phase": "runnable", "eligibility_state": "eligible_now",
                                     "namespace": namespace}),
                ["HSET", "ff:flow:%s:%s:core" % (TAG, flow)] + [part for pair in reason.items() for part in pair],
                ["SADD", "ff:flow:%s:%s:pending_cancels" % (TAG, flow), owed],
                ["ZADD", "ff:idx:%s:cancel_backlog" % TAG, str(self.now - 5000 + number), flow]])
        (cycle,) = self.run_cycles("cancel_reconciler", options="namespace: mine")
        self.assertEqual((cycle["processed"], cycle["errors"], cycle["backlog"]), (GOOD, 0, STUCK))
        self.assertEqual(self.count("terminal_outcome", "cancelled", STUCK, GOOD), GOOD)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--root", help="not needed")
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
