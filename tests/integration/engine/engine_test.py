#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The host and a running engine on one store: everything reaches the state that the engine promises.

    engine_test.py --bin DIR --plugins DIR --engine FILE [unittest arguments]

--engine is the program ff-server, which packaging/test.sh --engine builds. Exits with 77, and says why, where that or
a server is missing.
"""

import pathlib
import re
import shutil
import tempfile
import unittest

import engine
import world
from engine import NAMESPACE, intervals, keys_of, now_ms, tag_of
from hosts import Host, until

BRIEF = "brief"  # a namespace whose executions are kept only for a moment
ROOT = pathlib.Path(__file__).resolve().parents[3]
SCANNERS = ["lease_expiry", "delayed_promoter", "attempt_timeout", "execution_deadline", "suspension_timeout",
            "pending_wp_expiry", "unblock", "dependency_reconciler", "index_reconciler", "retention_trimmer",
            "flow_projector", "cancel_reconciler", "budget_reset", "budget_reconciler", "quota_reconciler",
            "edge_cancel_dispatcher", "edge_cancel_reconciler"]


class Sweeper(Host):
    """A host with scanners for all of the engine's, and the two that the engine lacks."""

    def settings(self, interval_ms, scanners, more):
        every, brief = "interval: %dms" % interval_ms, "namespace: " + BRIEF
        return ["options: {lanes: [auto]}", "scanners:", *("  %s: {%s}" % (name, every) for name in SCANNERS),
                "  retention_trimmer@brief: {%s, options: {default_retention: 300ms, %s}}" % (every, brief),
                "  flow_trimmer: {%s, options: {retention: 300ms, %s}}" % (every, brief),
                "  worker_registry_sweep: {%s, options: {dead_after: 300ms, %s}}" % (every, brief)]

    def errors(self):
        return {name: counts["errors"] for name, counts in self.totals().items() if counts["errors"]}


class Shipped(Host):
    """A host with the configuration that users get."""

    def settings(self, interval_ms, scanners, more):
        text = (ROOT / "config" / "flowfabric.yaml").read_text(encoding="utf-8")
        return text[text.index("options:"):].splitlines()


class Case(unittest.TestCase):
    """The engine sweeps every so many seconds, and the host at the interval of the class."""

    engine_s, host_ms = engine.YEAR_S, 150

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-engine-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.world = engine.World(world.OPTIONS.engine, cls.folder, intervals(cls.engine_s))
        cls.world.__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.engine, cls.worker, cls.client = cls.world.engine, cls.world.worker, cls.world.client

    @classmethod
    def start_host(cls):
        cls.host = Sweeper(cls.folder / "host", cls.world.address, cls.host_ms)
        cls.addClassCleanup(cls.host.kill)

    def state(self, execution):
        return self.engine.state(execution)

    def reach(self, execution, state):
        until(lambda: self.state(execution) == state, 30,
              lambda: "%s is %s; its core: %r" % (execution, state,
                                                  self.client.must("HGETALL", keys_of(execution)[0]("core"))))

    def reach_all(self, executions, state):
        for execution in executions:
            self.reach(execution, state)

    def reasons(self, executions):
        return [self.world.core(execution, "cancellation_reason")[0] for execution in executions]

    def group_is_drained(self, flow, child):
        group = self.client.must("HMGET", flow.key("edgegroup:" + child), "cancel_siblings_pending_flag",
                                 "cancel_siblings_pending_members")
        pending = self.client.must("SCARD", "ff:idx:%s:pending_cancel_groups" % flow.tag)
        return pending == 0 and group == [None, None]

    def drain(self, flow, child):
        until(lambda: self.group_is_drained(flow, child), 30, "the group leaves pending_cancel_groups")

    def end_grace(self, flow):
        """For 30 s after a cancel the engine leaves the flow to the server that was asked for it."""
        self.client.must("ZADD", flow.backlog, "XX", "1", flow.id)

    def settle(self, flow):
        self.end_grace(flow)
        until(lambda: self.client.must("ZSCORE", flow.backlog, flow.id) is None
              and self.client.must("EXISTS", flow.key("pending_cancels")) == 0, 30, "the flow leaves cancel_backlog")

    def make_group(self, *arguments, **more):
        flow, upstreams, child = self.world.make_group(*arguments, **more)
        self.assertEqual(self.engine.state(child), "waiting_children")
        return flow, upstreams, child

    def no_trace_of(self, *ids):
        """No key has one of these in its name."""
        until(lambda: not any(self.client.must("KEYS", "*%s*" % part) for part in ids), 30,
              lambda: "left: %s" % [self.client.must("KEYS", "*%s*" % part) for part in ids])


class Promises:
    """What becomes of executions and flows that only a sweeper moves on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_host()

    def tearDown(self):
        self.assertEqual(self.host.errors(), {}, pathlib.Path(self.host.log.name).read_text(encoding="utf-8"))

    def claimed(self, **more):
        execution = self.engine.create()
        self.worker.claim(execution, **more)
        return execution

    def test_an_execution_whose_lease_ran_out_can_be_reclaimed(self):
        execution = self.claimed(lease_ms=300)
        until(lambda: self.world.core(execution, "ownership_state") == ["lease_expired_reclaimable"], 30,
              "the lease ends")
        granted = self.engine.post("/v1/executions/%s/reclaim" % execution, worker_id="other", lane_id="default",
                                   worker_instance_id="other-1", grant_ttl_ms=1000)
        self.assertEqual(granted["status"], "granted")

    def test_a_delayed_execution_can_be_claimed_when_its_time_has_come(self):
        execution = self.engine.create(delay_until=now_ms() + 500)
        self.assertEqual(self.engine.state(execution), "delayed")
        self.reach(execution, "waiting")
        self.worker.finish(execution)
        self.reach(execution, "completed")

    def test_an_attempt_that_takes_too_long_expires(self):
        self.reach(self.claimed(timeout_ms=300), "expired")

    def test_an_execution_past_its_deadline_expires(self):
        self.reach(self.engine.create(execution_deadline_at=now_ms() + 500), "expired")

    def test_a_suspension_that_times_out_ends_as_its_behavior_says(self):
        for behavior, state in (("fail", "failed"), ("cancel", "cancelled"), ("expire", "expired")):
            with self.subTest(behavior=behavior):
                execution = self.claimed()
                self.worker.suspend(execution, 300, behavior)
                self.reach(execution, state)

    def test_a_suspension_that_times_out_can_be_resumed(self):
        execution = self.claimed()
        self.worker.suspend(execution, 300, "auto_resume_with_timeout_signal")
        self.reach(execution, "waiting")
        self.worker.finish(execution)

    def test_a_suspension_that_times_out_can_call_for_an_operator(self):
        execution = self.claimed()
        self.worker.suspend(execution, 300, "escalate")
        until(lambda: self.world.core(execution, "blocking_reason") == ["paused_by_operator"], 30,
              lambda: "its reason: %r" % self.world.core(execution, "blocking_reason"))
        self.assertEqual(self.engine.state(execution), "suspended")

    def test_a_composite_suspension_that_times_out_leaves_nothing_of_its_condition(self):
        execution = self.claimed()
        self.worker.suspend(execution, 300, composite=True)
        part, _, _ = keys_of(execution)
        self.assertEqual(self.client.must("EXISTS", part("suspension:current:member_map")), 1)
        self.reach(execution, "failed")
        self.assertEqual(self.client.must("EXISTS", part("suspension:current:member_map"),
                                          part("suspension:current:satisfied_set")), 0)

    def test_a_waitpoint_that_was_announced_and_not_used_is_closed(self):
        execution = self.claimed()
        waitpoint = "ff:wp:%s:%s" % (tag_of(execution), self.worker.announce_waitpoint(execution, 300))
        closed = ["closed", "never_committed"]
        until(lambda: self.client.must("HMGET", waitpoint, "state", "close_reason") == closed, 30,
              lambda: "the waitpoint is closed: %r" % self.client.must("HGETALL", waitpoint))
        self.assertEqual(self.engine.state(execution), "active")

    def test_one_success_is_enough_for_an_any_of_group(self):
        flow, upstreams, child = self.make_group(3)
        self.worker.finish(upstreams[0])
        self.reach_all(upstreams[1:], "cancelled")
        self.reach(child, "waiting")
        self.assertEqual(self.reasons(upstreams[1:]), ["sibling_quorum_satisfied"] * 2)
        self.drain(flow, child)
        self.worker.finish(child)

    def test_a_quorum_waits_for_as_many_as_it_needs(self):
        flow, upstreams, child = self.make_group(5, needs=3)
        self.worker.finish(upstreams[0])
        self.worker.break_off(upstreams[1])
        self.worker.finish(upstreams[2])
        before = self.host.cycles()
        until(lambda: all(cycles >= before[name] + 2 for name, cycles in self.host.cycles().items()), 60,
              "two more cycles of each scanner")
        self.assertEqual([self.engine.state(child), self.engine.state(upstreams[4])], ["waiting_children", "waiting"])
        self.worker.finish(upstreams[3])
        self.reach(child, "waiting")
        self.reach(upstreams[4], "cancelled")
        self.drain(flow, child)

    def test_a_quorum_that_cannot_be_reached_skips_the_child_and_cancels_the_others(self):
        flow, upstreams, child = self.make_group(4, needs=3)
        for upstream in upstreams[:2]:
            self.worker.break_off(upstream)
        self.reach(child, "skipped")
        self.reach_all(upstreams[2:], "cancelled")
        self.assertEqual(self.reasons(upstreams[2:]), ["sibling_quorum_impossible"] * 2)
        self.drain(flow, child)

    def test_a_child_with_all_of_its_upstreams_done_can_be_claimed(self):
        flow = self.engine.create_flow(3)
        first, second, child = flow.members
        flow.connect(second, child, flow.connect(first, child, len(flow.members)))
        self.worker.finish(first)
        self.worker.finish(second)
        self.reach(child, "waiting")
        self.worker.finish(child)

    def test_a_cancelled_flow_leaves_the_backlog_though_a_member_had_ended(self):
        flow = self.world.cancel_half_done_flow()
        self.settle(flow)
        self.assertEqual(self.engine.state(flow.members[0]), "completed")

    def test_an_ended_execution_is_purged_when_its_time_is_over(self):
        execution = self.engine.create(namespace=BRIEF)
        kept = self.engine.create()
        self.worker.finish(execution)
        self.worker.finish(kept)
        self.no_trace_of(execution[-36:])
        with self.assertRaises(engine.Refused) as refused:
            self.engine.state(execution)
        self.assertEqual(refused.exception.status, 404)
        self.assertEqual(self.engine.state(kept), "completed")

    def test_a_flow_whose_members_are_purged_leaves_nothing(self):
        flow, upstreams, child = self.make_group(3, namespace=BRIEF)
        self.worker.finish(upstreams[0])
        self.reach(child, "waiting")
        self.worker.finish(child)
        self.no_trace_of(flow.id, *(member[-36:] for member in flow.members))

    def test_an_execution_is_unblocked_when_a_worker_that_can_run_it_registers(self):
        needs = {"routing_requirements": {"required_capabilities": ["gpu"]}}
        execution = self.engine.create(lane="special", policy=needs)
        poll = {"lane_id": "special", "worker_instance_id": "plain-1", "grant_ttl_ms": 1000, "capabilities": []}
        until(lambda: self.engine.post("/v1/workers/plain/claim", **poll) == {}
              and self.world.core(execution, "eligibility_state") == ["blocked_by_route"], 30,
              lambda: "its route blocks it: %r" % self.client.must("HGETALL", keys_of(execution)[0]("core")))
        self.worker.register("gpu")
        until(lambda: self.world.core(execution, "eligibility_state") == ["eligible_now"], 30, "it is unblocked")

    def test_a_dead_worker_leaves_the_registry(self):
        worker = engine.Worker(self.client, "short-lived")
        worker.register("", BRIEF, ttl_ms=200)
        until(lambda: self.client.must("SMEMBERS", "ff:idx:%s:workers" % BRIEF) == [], 30, "the registry is empty")

    def test_the_usage_of_a_budget_is_reset_at_each_interval(self):
        budget = self.engine.create_budget(reset_ms=1000)
        self.engine.post("/v1/budgets/%s/usage" % budget.id, dimensions={"tokens": 7})
        until(lambda: self.client.must("HGET", budget.key(":usage"), "tokens") in (None, "0")
              and int(self.client.must("HGET", budget.key(""), "reset_count") or 0) >= 2, 30,
              lambda: "two resets: %r" % self.client.must("HGETALL", budget.key("")))

    def test_a_quota_that_counts_too_many_is_put_right(self):
        quota = self.engine.create_quota()
        self.client.must("SET", quota.key(":concurrency"), "7")
        until(lambda: self.client.must("GET", quota.key(":concurrency")) == "0", 30, "the count is right again")

    def test_the_summary_of_a_flow_tells_its_members_apart(self):
        flow = self.engine.create_flow(3)
        self.worker.finish(flow.members[0])
        self.worker.break_off(flow.members[1])
        counts = {"total_members": "3", "members_completed": "1", "members_failed": "1"}
        until(lambda: self.client.must("HMGET", flow.key("summary"), *counts) == list(counts.values()), 30,
              lambda: "the summary: %r" % self.client.must("HGETALL", flow.key("summary")))


class OnlyTheHostSweeps(Promises, Case):
    """The engine's seventeen intervals are a year."""


class BothSweep(Promises, Case):
    engine_s, host_ms = 1, 700


class AsDocumented(Case):
    """What plugins/flowfabric.md and config/flowfabric.yaml tell users to do."""

    def test_the_shipped_configuration_sweeps_in_place_of_the_engine(self):
        host = Shipped(self.folder / "host", self.world.address, None)
        self.addCleanup(host.kill)
        delayed = self.engine.create(delay_until=now_ms() + 500)
        flow, upstreams, child = self.make_group(3)
        self.worker.finish(upstreams[0])
        self.reach(delayed, "waiting")
        self.reach_all(upstreams[1:], "cancelled")
        self.drain(flow, child)
        self.assertEqual({name: counts["errors"] for name, counts in host.totals().items()}, dict.fromkeys(SCANNERS, 0))

    def test_the_page_names_the_seventeen_intervals(self):
        page = (ROOT / "plugins" / "flowfabric.md").read_text(encoding="utf-8")
        self.assertEqual(dict(re.findall(r"^(FF_\w+_INTERVAL_M?S)=(\d+)$", page, re.M)), intervals(engine.YEAR_S))

    def test_the_configuration_has_the_intervals_of_the_engine(self):
        text = (ROOT / "config" / "flowfabric.yaml").read_text(encoding="utf-8")
        found = dict(re.findall(r"^  (\w+): \{interval: (\w+)", text, re.M))
        self.assertEqual(found, {**{name.lower(): "%ds" % seconds for name, seconds in engine.SECONDS.items()},
                                 **{name.lower(): "%dms" % ms for name, ms in engine.MILLISECONDS.items()}})


class AfterTheEngineEnded(Case):
    """As where programs use the engine's client without its server: nobody else dispatches completions, or sweeps."""

    def test_flows_go_on(self):
        first, second, third = (self.make_group(*arguments) for arguments in ((3,), (4, 2), (4, 3)))
        chain = self.engine.create_flow(2)
        chain.connect(*chain.members, len(chain.members))
        self.engine.end()
        self.start_host()
        for execution in (first[1][0], *second[1][:2], chain.members[0]):
            self.worker.finish(execution)
        for execution in third[1][:2]:
            self.worker.break_off(execution)
        self.reach_all([first[2], second[2], chain.members[1]], "waiting")
        self.reach(third[2], "skipped")
        self.reach_all([*first[1][1:], *second[1][2:], *third[1][2:]], "cancelled")
        for flow, _, child in (first, second, third):
            self.drain(flow, child)
        self.assertEqual(self.host.errors(), {})

    def state(self, execution):
        return self.world.core(execution, "public_state")[0]


class Backlog(Case):
    """What the engine's own scanners never finish, since they take a refusal for a fault of the store."""

    def test_the_host_finishes_what_the_engine_does_not(self):
        flow, waiting, child = self.world.make_interrupted_group()
        cancelled = self.world.cancel_half_done_flow()
        self.world.restart(intervals(1))
        self.engine = self.world.engine
        self.end_grace(cancelled)
        self.let_the_engine_sweep(cycles=5)
        self.assertEqual([self.world.backlog(), self.world.pending_groups()], [1, 1])
        self.assertEqual([self.engine.state(sibling) for sibling in waiting], ["waiting"] * len(waiting))
        self.start_host()
        self.reach_all(waiting, "cancelled")
        self.drain(flow, child)
        self.settle(cancelled)
        self.assertEqual(self.host.errors(), {})

    def let_the_engine_sweep(self, cycles):
        """In each cycle both of its scanners of groups ask every partition for groups."""
        before = self.asked()
        until(lambda: self.asked() >= before + cycles * 2 * engine.FLOWS, 60, "cycles of the engine")

    def asked(self):
        stats = self.client.must("INFO", "commandstats")
        return int((re.search(r"cmdstat_srandmember:calls=(\d+)", stats) or ["", "0"])[1])


if __name__ == "__main__":
    engine.main(__name__)
