#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The options that are off by default, on a real server: what each changes and what it leaves alone.

    options_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import contextlib
import itertools
import threading

import world
from run_vectors import connect, server_ms
from world import Case

TAG = "{fp:0}"
ALL = "ff:idx:%s:all_executions" % TAG


def core(name):
    return "ff:exec:%s:%s:%s:core" % (TAG, TAG, name)


def member(name):
    return "%s:%s" % (TAG, name)


def lane(index, of="default"):
    return "ff:idx:%s:lane:%s:%s" % (TAG, of, index)


def hset(key, fields):
    return ["HSET", key, *(part for pair in fields.items() for part in pair)]


@contextlib.contextmanager
def meanwhile(address, commands):
    """Sends these commands, a few at a time, while the body runs."""
    over = threading.Event()

    def send():
        with connect(address) as client:
            while not over.is_set() and (some := list(itertools.islice(commands, 20))):
                client.call_all(some)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class IndexReconciler(Case):
    STATES = {
        "active": ({"lifecycle_phase": "active", "ownership_state": "leased", "lease_expires_at": "1600000000001"},
                   "1600000000001"),
        "eligible": ({"eligibility_state": "eligible_now", "priority": "9000", "created_at": "1600000000123"},
                     "-8998399999999877"),
        "delayed": ({"eligibility_state": "not_eligible_until_time", "delay_until": "1600000000002"}, "1600000000002"),
        "blocked:dependencies": ({"eligibility_state": "blocked_by_dependencies", "created_at": "1600000000003"},
                                 "1600000000003"),
        "blocked:budget": ({"eligibility_state": "blocked_by_budget", "last_transition_at": "1600000000004"},
                           "1600000000004"),
        "blocked:quota": ({"eligibility_state": "blocked_by_quota", "last_transition_at": "1600000000005"},
                          "1600000000005"),
        "blocked:route": ({"eligibility_state": "blocked_by_route", "last_transition_at": "1600000000006"},
                          "1600000000006"),
        "blocked:operator": ({"eligibility_state": "blocked_by_operator", "last_transition_at": "1600000000007"},
                             "1600000000007"),
        "suspended": ({"lifecycle_phase": "suspended"}, "1600000000008"),
        "terminal": ({"lifecycle_phase": "terminal", "completed_at": "1600000000009"}, "1600000000009"),
    }
    # An execution in the state of this index moves to `eligible` atomically, as the engine's functions do it.
    PROMOTE = ("redis.call('HSET', KEYS[1], 'eligibility_state', 'eligible_now') "
               "redis.call('ZREM', KEYS[2], ARGV[1]) redis.call('ZADD', KEYS[3], 5, ARGV[1])")

    def add(self, name, fields, of="default"):
        record = {"lifecycle_phase": "runnable", "ownership_state": "unowned", "lane_id": of, **fields}
        self.send([hset(core(name), record), ["SADD", ALL, member(name)]])

    def add_delayed(self, count, index=None):
        commands = []
        for name in map(str, range(count)):
            commands.append(hset(core(name), {"lifecycle_phase": "runnable", "ownership_state": "unowned",
                                              "eligibility_state": "not_eligible_until_time",
                                              "delay_until": "1600000000000"}))
            commands.append(["SADD", ALL, member(name)])
            if index:
                commands.append(["ZADD", index, "1600000000000", member(name)])
        self.send(commands)

    def promotions(self, names):
        for name in names:
            yield ["EVAL", self.PROMOTE, "3", core(name), lane("delayed"), lane("eligible"), member(name)]

    def test_executions_that_move_while_it_looks_are_no_finding(self):
        self.add_delayed(40000, lane("delayed"))
        with meanwhile(self.address, self.promotions(map(str, range(40000)))):
            cycles = self.sweep("index_reconciler", cycles=3)
        self.assertEqual([(cycle["processed"], cycle["errors"]) for cycle in cycles], [(0, 0)] * 3, self.log)

    def test_each_missing_entry_comes_back_with_the_score_of_its_state(self):
        for index, (fields, _) in self.STATES.items():
            self.add(index, fields, of="gpu")
        self.send([hset("ff:exec:%s:%s:suspended:suspension:current" % (TAG, TAG),
                        {"suspension_id": "s-1", "timeout_at": "1600000000008"})])
        first, second = self.sweep("index_reconciler", cycles=2, options="repair: true, lanes: [gpu]")
        self.assertEqual((first["processed"], first["unchanged"], first["errors"]), (len(self.STATES), 0, 0), self.log)
        self.assertEqual((second["processed"], second["errors"]), (0, 0), self.log)
        for index, (_, score) in self.STATES.items():
            self.assertEqual(self.client.must("ZRANGE", lane(index, "gpu"), "0", "-1", "WITHSCORES"),
                             [member(index), score], index)
            self.assertTrue(any("'%s'" % member(index) in line and "repaired: before in none, now in %s at %s"
                                % (index, score) in line for line in self.lines()), index)

    def test_a_wrong_entry_moves(self):
        self.add("a", self.STATES["eligible"][0])
        self.send([["ZADD", lane("delayed"), "17", member("a")], ["ZADD", lane("terminal"), "18", member("a")]])
        self.sweep("index_reconciler", options="repair: true")
        self.assertEqual(self.client.must("ZCARD", lane("delayed")) + self.client.must("ZCARD", lane("terminal")), 0)
        self.assertEqual(self.client.must("ZSCORE", lane("eligible"), member("a")), "-8998399999999877")
        self.assertTrue(any("repaired: before in delayed at 17, terminal at 18, now in eligible" in line
                            for line in self.lines()), self.log)

    def test_an_id_without_a_core_leaves_and_a_core_without_a_phase_stays(self):
        self.send([["SADD", ALL, member("gone"), member("odd")], hset(core("odd"), {"lane_id": "default"})])
        (report,) = self.sweep("index_reconciler", options="repair: true")
        self.assertEqual((report["processed"], report["unchanged"], report["errors"]), (2, 1, 0), self.log)
        self.assertEqual(self.client.must("SMEMBERS", ALL), [member("odd")])

    def test_a_granted_claim_is_waited_for(self):
        self.add("a", self.STATES["eligible"][0])
        self.send([hset("ff:exec:%s:%s:a:claim_grant" % (TAG, TAG), {"worker_id": "w"})])
        before = self.database()
        self.sweep("index_reconciler", options="repair: true")
        self.assertEqual(self.database(), before)

    def test_only_so_many_are_repaired_in_a_cycle(self):
        self.add_delayed(50)
        cycles = self.sweep("index_reconciler", cycles=3, options="repair: true, repairs_per_cycle: 20")
        self.assertEqual([cycle["processed"] for cycle in cycles], [50, 30, 10], self.log)
        self.assertEqual([cycle["processed"] - cycle["unchanged"] for cycle in cycles], [20, 20, 10])
        self.assertEqual(self.client.must("ZCARD", lane("delayed")), 50)

    def test_what_changes_meanwhile_is_never_put_back(self):
        self.add_delayed(5000)
        names = [str(number) for number in range(5000)]
        with meanwhile(self.address, self.promotions(names)):
            self.sweep("index_reconciler", cycles=3, options="repair: true, repairs_per_cycle: 5000")
        states = self.client.call_all([["HGET", core(name), "eligibility_state"] for name in names])
        for index, state in (("eligible", "eligible_now"), ("delayed", "not_eligible_until_time")):
            listed = set(self.client.must("ZRANGE", lane(index), "0", "-1"))
            self.assertEqual(listed, {member(name) for name, is_in in zip(names, states) if is_in == state}, index)

    def test_one_walk_is_spread_over_several_cycles(self):
        self.add_delayed(2000)
        cycles = self.sweep("index_reconciler", cycles=8, options="walk_cycles: 4")
        found = [cycle["processed"] for cycle in cycles]
        self.assertTrue(all(450 <= count <= 650 for count in found[:3]), found)
        seen = {line.split("'")[1] for line in self.lines() if "is not in" in line}
        self.assertEqual(len(seen), 2000)


class QuotaReconciler(Case):
    INDEX = "ff:idx:{q:0}:quota_policies"

    def setUp(self):
        super().setUp()
        self.send([["SADD", self.INDEX, "gone", "odd", "whole"],
                   hset("ff:quota:{q:0}:odd", {"created_at": "1"}),
                   hset("ff:quota:{q:0}:whole", {"requests_per_window_seconds": "60"})])

    def test_policies_without_a_definition_stay(self):
        self.sweep("quota_reconciler")
        self.assertEqual(set(self.client.must("SMEMBERS", self.INDEX)), {"gone", "odd", "whole"})

    def test_prune_takes_out_those_whose_definition_is_gone(self):
        first, second = self.sweep("quota_reconciler", cycles=2, options="prune: true")
        self.assertEqual((first["processed"], first["unchanged"], first["errors"]), (1, 1, 0), self.log)
        self.assertEqual((second["processed"], second["errors"]), (0, 0), self.log)
        self.assertEqual(set(self.client.must("SMEMBERS", self.INDEX)), {"odd", "whole"})


class RetentionTrimmer(Case):
    def setUp(self):
        super().setUp()
        self.old = str(server_ms(self.client) - 25 * 3_600_000)
        base = "ff:exec:%s:%s:a:" % (TAG, TAG)
        self.send([["SET", base + "payload", "p"], ["SET", base + "policy", "{}"],
                   ["SADD", base + "deps:all_edges", "edge"], hset(base + "dep:edge", {"state": "satisfied"}),
                   ["ZADD", base + "attempts", "1", "0"], hset("ff:attempt:%s:%s:a:0" % (TAG, TAG), {"x": "1"}),
                   ["SADD", base + "waitpoints", "w"], hset("ff:wp:%s:w" % TAG, {"state": "closed"}),
                   ["SADD", ALL, member("a")], ["ZADD", lane("terminal"), self.old, member("a")]])

    def test_what_is_left_of_an_execution_stays(self):
        before = set(self.database())
        self.sweep("retention_trimmer")
        self.assertEqual(before - set(self.database()), {ALL, lane("terminal")})

    def test_delete_leftovers_deletes_all_of_it(self):
        (report,) = self.sweep("retention_trimmer", options="delete_leftovers: true")
        self.assertEqual((report["processed"], report["unchanged"], report["errors"]), (1, 0, 0), self.log)
        self.assertEqual(self.database(), {})

    def test_delete_leftovers_leaves_a_core_without_an_end_alone(self):
        self.send([hset(core("a"), {"lane_id": "default"})])
        before = set(self.database())
        self.sweep("retention_trimmer", options="delete_leftovers: true")
        self.assertEqual(before - set(self.database()), {lane("terminal")})


class PendingWaitpointExpiry(Case):
    def setUp(self):
        super().setUp()
        self.seed("pending_wp_expiry", ["a"])
        self.key = self.record("pending_wp_expiry", "a")
        self.send([["XADD", self.key + ":signals", "*", "signal_id", "s"]])

    def lives(self):
        return [self.client.must("PTTL", key) for key in (self.key, self.key + ":signals")]

    def test_closed_waitpoints_stay_for_ever(self):
        self.sweep("pending_wp_expiry")
        self.assertTrue(self.done("pending_wp_expiry", "a"))
        self.assertEqual(self.lives(), [-1, -1])

    def test_closed_waitpoint_ttl_limits_the_life_of_the_record_and_its_signals(self):
        (report,) = self.sweep("pending_wp_expiry", options="closed_waitpoint_ttl: 2h")
        self.assertEqual((report["processed"], report["errors"]), (1, 0), self.log)
        self.assertTrue(self.done("pending_wp_expiry", "a"))
        for life in self.lives():
            self.assertTrue(0 < life <= 7_200_000, self.lives())

    def test_waitpoints_that_were_closed_for_another_reason_stay(self):
        self.send([hset(self.key, {"state": "closed", "close_reason": "proactive_close"})])
        self.sweep("pending_wp_expiry", options="closed_waitpoint_ttl: 2h")
        self.assertFalse(self.is_listed("pending_wp_expiry", "a"))
        self.assertEqual(self.lives(), [-1, -1])


class FlowProjector(Case):
    SUMMARY = "ff:flow:%s:f:summary" % TAG
    MEMBER = "%s:00000000-0000-4000-8000-000000000001" % TAG

    def setUp(self):
        super().setUp()
        self.core = "ff:exec:%s:%s:core" % (TAG, self.MEMBER)
        self.send([["SADD", "ff:idx:%s:flow_index" % TAG, "f"], hset("ff:flow:%s:f:core" % TAG, {"flow_id": "f"}),
                   ["SADD", "ff:flow:%s:f:members" % TAG, self.MEMBER], hset(self.core, {"public_state": "active"})])

    def written_at(self, options=""):
        (report,) = self.sweep("flow_projector", options=options)
        self.assertEqual((report["processed"], report["errors"]), (1, 0), self.log)
        return int(self.client.must("HGET", self.SUMMARY, "last_summary_update_at"))

    def test_every_cycle_writes(self):
        self.assertLess(self.written_at(), self.written_at())

    def test_skip_unchanged_leaves_a_right_summary_and_writes_a_wrong_one(self):
        first = self.written_at("skip_unchanged: true")
        self.assertEqual(self.written_at("skip_unchanged: true"), first)
        self.send([hset(self.core, {"public_state": "waiting"})])
        self.assertLess(first, self.written_at("skip_unchanged: true"))
        self.assertEqual(self.client.must("HGET", self.SUMMARY, "public_flow_state"), "open")


if __name__ == "__main__":
    world.main()
