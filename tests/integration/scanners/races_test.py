#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A change between a read and the write that depends on it is never lost, applied twice or misunderstood.

    races_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

Each test names its line of "where we do better": section and row of the scanners' contract. The
reference fails all of them, since it writes what it decided from an older read.
"""

import world
from between import Between
from specimens import blocked
from world import Case

CORE = "ff:exec:{fp:0}:{fp:0}:item:core"
ITEM = "{fp:0}:item"


class AtExactMoments(Case):
    def setUp(self):
        super().setUp()
        self.between = Between(self.folder, self.address)
        self.addCleanup(self.between.close)
        self.host_address = self.between.address

    def meanwhile(self, text, *commands):
        """Runs these commands, as another client would, just before the host's first command with that text."""
        self.between.before(text, lambda: self.make(list(commands)))

    def swept(self, scanner, **more):
        (report,) = self.sweep(scanner, **more)
        self.assertTrue(self.between.done(), "the host never sent the command that the test waited for: %s" % self.log)
        return report

class Races(AtExactMoments):
    # 5.1: an entry is removed only while it is stale.

    def test_a_waitpoint_that_is_made_again_keeps_its_entry(self):
        self.client.must("ZADD", "ff:idx:{fp:0}:pending_waitpoint_expiry", "1", "wp-item")
        self.meanwhile("EVAL", ["HSET", "ff:wp:{fp:0}:wp-item", "state", "pending", "execution_id", ITEM])
        self.swept("pending_wp_expiry")
        self.assertTrue(self.is_listed("pending_wp_expiry", "item"))

    def test_a_closed_waitpoint_that_is_opened_again_keeps_its_entry(self):
        self.seed("pending_wp_expiry", ["item"])
        self.client.must("HSET", "ff:wp:{fp:0}:wp-item", "state", "closed")
        self.meanwhile("EVAL", ["HSET", "ff:wp:{fp:0}:wp-item", "state", "pending"])
        self.swept("pending_wp_expiry")
        self.assertTrue(self.is_listed("pending_wp_expiry", "item"))

    def test_an_execution_that_is_blocked_again_keeps_its_entry(self):
        self.make(blocked("quota", "item"))
        self.client.must("HSET", CORE, "lifecycle_phase", "active")
        self.meanwhile("EVAL", ["HSET", CORE, "lifecycle_phase", "runnable"])
        self.swept("unblock")
        self.assertIsNotNone(self.client.must("ZSCORE", "ff:idx:{fp:0}:lane:default:blocked:quota", ITEM))

    def test_an_execution_that_comes_back_keeps_its_blocked_entry(self):
        self.make(blocked("quota", "item"))
        self.client.must("DEL", CORE)
        self.meanwhile("EVAL", *blocked("quota", "item"))
        self.swept("unblock")
        self.assertIsNotNone(self.client.must("ZSCORE", "ff:idx:{fp:0}:lane:default:blocked:quota", ITEM))

    def test_a_child_that_comes_back_keeps_its_entry(self):
        self.seed("dependency_reconciler", ["item"])
        core = self.record("dependency_reconciler", "item")
        self.client.must("DEL", core, core.replace(":core", ":dep:e1"))
        self.client.must("HSET", core.replace(":core", ":dep:e1"), "upstream_execution_id",
                         "{fp:1}:0000abc4-0000-4000-8000-000000000000")
        self.meanwhile("FCALL", ["DEL", core.replace(":core", ":dep:e1")])
        self.meanwhile("EVAL", ["HSET", core, "lifecycle_phase", "runnable"])
        self.swept("dependency_reconciler")
        self.assertTrue(self.is_listed("dependency_reconciler", "item"))

    def test_a_flow_that_owes_again_keeps_its_backlog_entry(self):
        self.seed("cancel_reconciler", ["item"])
        owed = self.record("cancel_reconciler", "item")
        (member,) = self.client.must("SMEMBERS", owed)
        self.client.must("DEL", owed)
        self.meanwhile("EVAL", ["SADD", owed, member])
        self.swept("cancel_reconciler")
        self.assertTrue(self.is_listed("cancel_reconciler", "item"))

    def test_a_budget_that_is_made_again_stays_among_the_policies(self):
        self.client.must("SADD", "ff:idx:{b:0}:budget_policies", "item")
        self.meanwhile("EVAL", ["HSET", "ff:budget:{b:0}:item", "budget_id", "item"])
        self.swept("budget_reconciler")
        self.assertTrue(self.is_listed("budget_reconciler", "item"))

    def test_a_flow_that_is_made_again_stays_in_the_index(self):
        self.client.must("SADD", "ff:idx:{fp:0}:flow_index", "item")
        self.meanwhile("EVAL", ["HSET", "ff:flow:{fp:0}:item:core", "flow_id", "item"])
        self.swept("flow_projector")
        self.assertTrue(self.is_listed("flow_projector", "item"))

    def test_a_flow_that_gets_a_member_when_all_have_ended_stays_in_the_index(self):
        self.seed("flow_projector", ["item"])
        (member,) = self.client.must("SMEMBERS", "ff:flow:{fp:0}:item:members")
        self.client.must("HSET", "ff:exec:{fp:0}:%s:core" % member, "public_state", "completed")
        self.meanwhile("EVAL", ["SADD", "ff:flow:{fp:0}:item:members", member[:-1] + "x"])
        self.swept("flow_projector")
        self.assertTrue(self.is_listed("flow_projector", "item"))

    # 5.9 #3, and budgets are never reset twice.

    def test_a_budget_that_is_made_again_keeps_its_reset(self):
        self.client.must("ZADD", "ff:idx:{b:0}:budget_resets", "1", "item")
        self.meanwhile("EVAL", ["HSET", "ff:budget:{b:0}:item", "budget_id", "item", "reset_interval_ms", "1000"])
        self.swept("budget_reset")
        self.assertTrue(self.is_listed("budget_reset", "item"))

    def test_a_budget_that_another_host_has_just_reset_is_not_reset_again(self):
        self.seed("budget_reset", ["item"])
        self.meanwhile("EVAL", ["FCALL", "ff_reset_budget", "3", "ff:budget:{b:0}:item", "ff:budget:{b:0}:item:usage",
                                "ff:idx:{b:0}:budget_resets", "item", "$NOW"])
        report = self.swept("budget_reset")
        self.assertEqual(self.client.must("HGET", "ff:budget:{b:0}:item", "reset_count"), "7")
        self.assertEqual((report["processed"], report["errors"]), (0, 0))

    def test_a_budget_whose_claim_is_held_is_left_to_its_holder(self):
        self.seed("budget_reset", ["item"])
        self.client.must("SET", "ff:budget:{b:0}:item:reset_claim", "1", "PX", "100000")
        before = self.database()
        (report,) = self.sweep("budget_reset")
        self.assertEqual(self.database(), before)
        self.assertEqual((report["processed"], report["errors"]), (0, 0))

    # 5.9 #7: racing quota admissions are not lost; members that a walk returns twice count once.

    def admit(self, number):
        quota = "ff:quota:{q:0}:item"
        return [["SADD", quota + ":admitted_set", "new-%d" % number], ["SET", "%s:admitted:new-%d" % (quota, number), "1"],
                ["INCR", quota + ":concurrency"]]

    def test_an_admission_before_the_counter_is_set_is_not_lost(self):
        self.seed("quota_reconciler", ["item"])
        self.meanwhile("EVAL", *self.admit(1))
        report = self.swept("quota_reconciler")
        self.assertEqual(self.client.must("GET", "ff:quota:{q:0}:item:concurrency"), "5")
        self.assertEqual((report["processed"], report["errors"]), (0, 0))
        self.sweep("quota_reconciler")
        self.assertEqual(self.client.must("GET", "ff:quota:{q:0}:item:concurrency"), "2")

    def test_an_admission_while_admissions_are_counted_is_not_lost(self):
        self.seed("quota_reconciler", ["item"])
        self.meanwhile("admitted_set", *self.admit(1))
        self.swept("quota_reconciler", cycles=1)
        self.sweep("quota_reconciler")
        self.assertEqual(self.client.must("GET", "ff:quota:{q:0}:item:concurrency"), "2")

    def test_a_guard_that_comes_back_keeps_its_admission(self):
        self.seed("quota_reconciler", ["item"])
        guard = "ff:quota:{q:0}:item:admitted:{fp:0}:admitted"
        self.client.must("DEL", guard)
        self.meanwhile("EVAL", ["SET", guard, "1"])
        self.swept("quota_reconciler")
        self.assertEqual(self.client.must("SMEMBERS", "ff:quota:{q:0}:item:admitted_set"), ["{fp:0}:admitted"])

    def test_a_member_that_the_walk_tells_twice_counts_once(self):
        self.seed("quota_reconciler", ["item"])
        self.client.must("SET", "ff:quota:{q:0}:item:concurrency", "2")
        self.between.answer("SSCAN admitted_set", b"*2\r\n$1\r\n0\r\n*2\r\n" + b"$15\r\n{fp:0}:admitted\r\n" * 2)
        self.swept("quota_reconciler")
        self.assertEqual(self.client.must("GET", "ff:quota:{q:0}:item:concurrency"), "1")

    # 5.5: the same for the members of a flow.

    def test_a_flow_member_that_the_walk_tells_twice_counts_once(self):
        self.seed("flow_projector", ["item"])
        (member,) = self.client.must("SMEMBERS", "ff:flow:{fp:0}:item:members")
        text = b"$%d\r\n%s\r\n" % (len(member), member.encode())
        self.between.answer("SSCAN :members", b"*2\r\n$1\r\n0\r\n*2\r\n" + text * 2)
        self.swept("flow_projector")
        summary = self.client.must("HGETALL", "ff:flow:{fp:0}:item:summary")
        self.assertEqual(dict(zip(summary[::2], summary[1::2]))["members_active"], "1")


if __name__ == "__main__":
    world.main()
