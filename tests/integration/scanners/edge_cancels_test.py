#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Any-of and quorum groups from their firing to the last cancelled sibling, on a real server.

    edge_cancels_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

The groups are fired by ff_resolve_dependency, as the engine does it. How long the cancels take is printed; it depends
on the machine.
"""

import statistics
import subprocess
import uuid

import world
from hosts import until
from ports import free_port
from run_vectors import server_ms

TAG = "{fp:1}"
PENDING = "ff:idx:%s:pending_cancel_groups" % TAG
LANE = "ff:idx:%s:lane:default:" % TAG


def execution(name):
    return "%s:%s" % (TAG, uuid.uuid5(uuid.NAMESPACE_OID, name))


def execution_key(eid, part):
    return "ff:exec:%s:%s:%s" % (TAG, eid, part)


class Flow:
    """A child that needs some of its upstreams, which can all be claimed."""

    def __init__(self, name, upstreams, needs=1):
        self.id = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        self.child = execution(name + " child")
        self.upstreams = [execution("%s %d" % (name, number)) for number in range(upstreams)]
        self.group = self.key("edgegroup:" + self.child)
        self.needs = needs

    def key(self, part):
        return "ff:flow:%s:%s:%s" % (TAG, self.id, part)

    def member(self):
        return "%s|%s" % (self.id, self.child)

    def core(self, eid, eligibility):
        fields = {"execution_id": eid, "flow_id": self.id, "namespace": "acme", "lane_id": "default",
                  "lifecycle_phase": "runnable", "eligibility_state": eligibility, "ownership_state": "unowned",
                  "terminal_outcome": "none", "attempt_state": "pending_first_attempt", "current_attempt_index": "",
                  "current_lease_epoch": "0", "created_at": "1600000000123", "priority": "5"}
        return ["HSET", execution_key(eid, "core"), *(part for pair in fields.items() for part in pair)]

    def commands(self):
        count = str(len(self.upstreams))
        yield ["HSET", self.group, "policy_variant", "quorum" if self.needs > 1 else "any_of", "on_satisfied",
               "cancel_remaining", "k", str(self.needs), "n", count, "succeeded", "0", "failed", "0", "skipped", "0",
               "group_state", "pending"]
        yield self.core(self.child, "blocked_by_dependencies")
        yield ["ZADD", LANE + "blocked:dependencies", "1600000000123", self.child]
        for number, eid in enumerate(self.upstreams):
            edge = "edge-%d" % number
            yield self.core(eid, "eligible_now")
            yield ["ZADD", LANE + "eligible", "1", eid]
            yield ["SADD", self.key("in:" + self.child), edge]
            yield ["HSET", self.key("edge:" + edge), "upstream_execution_id", eid]
            yield ["SADD", execution_key(self.child, "deps:unresolved"), edge]
            yield ["HSET", execution_key(self.child, "dep:" + edge), "edge_id", edge, "state", "unsatisfied"]

    def end(self, number, outcome="success"):
        """What is sent when the upstream has ended."""
        eid, edge, child = self.upstreams[number], "edge-%d" % number, self.child
        keys = [execution_key(child, part) for part in ("core", "deps:meta", "deps:unresolved", "dep:" + edge)]
        keys += [LANE + "eligible", LANE + "terminal", LANE + "blocked:dependencies"]
        keys += ["ff:attempt:%s:%s:0" % (TAG, child), "ff:stream:%s:%s:0:meta" % (TAG, child)]
        keys += [execution_key(child, "payload"), execution_key(eid, "result"), self.group]
        keys += [self.key("in:" + child), PENDING]
        return [["HSET", execution_key(eid, "core"), "lifecycle_phase", "terminal", "terminal_outcome", outcome],
                ["ZREM", LANE + "eligible", eid],
                ["FCALL", "ff_resolve_dependency", str(len(keys)), *keys, edge, outcome, "1700000000000", self.id, child]]


class EdgeCancels(world.Case):
    def seed_flow(self, name, upstreams, needs=1):
        flow = Flow(name, upstreams, needs)
        self.send(list(flow.commands()))
        return flow

    def fire(self, flow):
        """Ends as many upstreams as the child needs; gives the server's time."""
        for number in range(flow.needs):
            self.send(flow.end(number))
        self.assertEqual(self.client.must("HGET", flow.group, "group_state"), "satisfied")
        return server_ms(self.client)

    def field(self, flow, name):
        """Of all siblings."""
        asked = [["HGET", execution_key(eid, "core"), name] for eid in flow.upstreams[flow.needs:]]
        return self.client.call_all(asked)

    def is_done(self, flow):
        return self.client.must("SISMEMBER", PENDING, flow.member()) == 0

    log = ""

    def check_cancelled(self, flow, outcomes=None):
        outcomes = outcomes or ["cancelled"] * (len(flow.upstreams) - flow.needs)
        self.assertEqual(self.field(flow, "terminal_outcome"), outcomes, self.log)
        self.assertTrue(self.is_done(flow))
        fields = ("cancel_siblings_pending_flag", "cancel_siblings_pending_members", "cancel_siblings_reason")
        self.assertEqual(self.client.must("HMGET", flow.group, *fields), [None, None, "sibling_quorum_satisfied"])

    def start_host(self, scanners):
        """A host that runs until the end of the test."""
        listen = "127.0.0.1:%d" % free_port()
        text = self.config(scanners).read_text(encoding="utf-8").replace("listen: none",
                                                                         "listen: '%s', socket: none" % listen)
        running = self.folder / "running.yaml"
        running.write_text(text, encoding="utf-8")
        path = self.folder / "log"
        with path.open("w", encoding="utf-8") as log:
            process = subprocess.Popen([str(world.OPTIONS.bin / "scanhost"), "run", "--config", str(running)],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: "cycle" in self.metrics(listen), 60, lambda: path.read_text(encoding="utf-8"))
        return listen

    @staticmethod
    def metrics(listen):
        done = subprocess.run(["curl", "-s", "http://%s/metrics" % listen], capture_output=True, encoding="utf-8",
                              timeout=20)
        return done.stdout

    def test_a_hundred_siblings_are_cancelled_soon(self):
        self.check_soon("interval: 100ms")

    def test_a_hundred_siblings_are_cancelled_sooner_by_early_looks(self):
        self.check_soon("interval: 100ms, options: {look_every: 20ms}")

    def check_soon(self, keys):
        listen = self.start_host({"edge_cancel_dispatcher": keys})
        took = []
        for round_number in range(10):
            flow = self.seed_flow("soon %d" % round_number, 101)
            fired = self.fire(flow)
            until(lambda: self.is_done(flow), 30, "the group is drained")  # noqa: B023
            self.check_cancelled(flow)
            took.append(max(int(moment) for moment in self.field(flow, "completed_at")) - fired)
        print("%s: from the firing to the last of 100 cancels: median %d ms, longest %d ms"
              % (keys, statistics.median(took), max(took)), flush=True)
        found = self.metrics(listen)
        for series in ('ff_sibling_cancel_dispatched_total{reason="sibling_quorum_satisfied",', "} 1000"):
            self.assertIn(series, found)

    def test_more_siblings_than_the_engine_takes_of_one_list(self):
        flow = self.seed_flow("many", 3001)
        self.fire(flow)
        (cycle,) = self.sweep("edge_cancel_dispatcher", drain=False)
        self.check_cancelled(flow)
        self.assertEqual((cycle["processed"], cycle["errors"]), (1, 0))

    def test_an_ended_and_a_lost_sibling_stop_nobody(self):
        flow = self.seed_flow("ended", 60, needs=3)
        self.fire(flow)
        self.send(flow.end(20) + [["DEL", execution_key(flow.upstreams[40], "core")]])
        (cycle,) = self.sweep("edge_cancel_dispatcher")
        outcomes = ["cancelled"] * 57
        outcomes[17], outcomes[37] = "success", None
        self.check_cancelled(flow, outcomes)
        self.assertEqual((cycle["processed"], cycle["errors"]), (1, 0))

    def test_one_sibling_that_cannot_be_cancelled_keeps_its_group_alone(self):
        flow, other = self.seed_flow("failing", 60), self.seed_flow("other", 60)
        self.fire(flow)
        self.fire(other)
        stuck = execution_key(flow.upstreams[30], "core")
        # A null in this list aborts the function.
        self.send([["HSET", stuck, "lifecycle_phase", "suspended"],
                   ["HSET", execution_key(flow.upstreams[30], "suspension:current"), "additional_waitpoints_json",
                    "[null]"]])
        cycles = self.sweep("edge_cancel_dispatcher", cycles=5)
        self.assertEqual([cycle["errors"] for cycle in cycles], [1, 1, 1, 0, 0], self.log)
        self.assertEqual([cycle["processed"] for cycle in cycles], [1, 0, 0, 0, 0])
        self.check_cancelled(other)
        self.assertEqual(self.field(flow, "terminal_outcome").count("cancelled"), 58)
        self.assertFalse(self.is_done(flow))
        self.send([["DEL", execution_key(flow.upstreams[30], "suspension:current")]])
        self.sweep("edge_cancel_dispatcher")
        self.check_cancelled(flow)

    def test_five_hundred_groups_in_one_cycle(self):
        flows = [self.seed_flow("group %d" % number, 4) for number in range(500)]
        for flow in flows:
            self.send(flow.end(0))
        (cycle,) = self.sweep("edge_cancel_dispatcher")
        self.assertEqual((cycle["processed"], cycle["errors"]), (500, 0))
        for flow in flows:
            self.check_cancelled(flow)

    def test_the_reconciler_completes_what_a_dispatcher_left(self):
        flow, running = self.seed_flow("left", 10), self.seed_flow("running", 10)
        self.fire(flow)
        self.fire(running)
        self.send([["HSET", execution_key(eid, "core"), "lifecycle_phase", "terminal", "terminal_outcome", "cancelled"]
                   for eid in flow.upstreams[1:]])
        (cycle,) = self.sweep("edge_cancel_reconciler")
        self.assertEqual((cycle["processed"], cycle["errors"]), (1, 0))
        self.check_cancelled(flow)
        self.assertFalse(self.is_done(running))
        self.assertEqual(set(self.field(running, "terminal_outcome")), {"none"})


if __name__ == "__main__":
    world.main()
