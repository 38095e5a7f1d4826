#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where our scanners do better than the reference: the lines that need neither a race nor a failing command.

    better_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

better.md beside this file names the test for each of these lines.
"""

import contextlib
import re

import world
from between import Between
from hosts import Host, until
from specimens import blocked, uuid_of
from world import SPECIMENS, Case


def stats(client):
    """How often each command reached the server."""
    lines = client.must("INFO", "commandstats").splitlines()
    return {line.split(":")[0][len("cmdstat_"):]: int(line.split("calls=")[1].split(",")[0])
            for line in lines if line.startswith("cmdstat_")}


class Better(Case):
    @contextlib.contextmanager
    def counted(self):
        """Yields a dictionary that is filled afterwards: which commands were sent, and how often."""
        self.client.must("CONFIG", "RESETSTAT")
        sent = {}
        yield sent
        sent.update(stats(self.client))


class Commands(Better):
    """5.3, 5.9 #20 and #32: the cost of a scan."""

    @contextlib.contextmanager
    def observed(self):
        """Yields the proxy that sees each command and each write of the host."""
        between = Between(self.folder, self.address)
        self.host_address = between.address
        try:
            yield between
        finally:
            self.host_address = None
            between.close()

    def test_the_time_is_asked_once_for_all_partitions_and_items(self):
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item-%d" % number for number in range(50)])
                with self.observed() as seen:
                    self.sweep(scanner)
                # A scan asks again only if its reading was older than a second.
                self.assertLessEqual(sum(command[0].upper() == "TIME" for command in seen.seen), 10)

    def test_reads_and_calls_of_a_page_leave_together(self):
        """Sent one by one, the reads and calls of 50 items would need 100 writes or more."""
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item-%d" % number for number in range(50)])
                with self.observed() as seen:
                    self.sweep(scanner)
                self.assertLessEqual(seen.writes, 40)
                self.assertGreaterEqual(len(seen.seen), 50)

    def test_capabilities_that_cannot_be_read_are_read_once_in_a_cycle(self):
        self.make([command for number in range(120) for command in blocked("route", "item-%d" % number)])
        self.make([command for number in range(120) for command in blocked("route", "other-%d" % number, "{fp:1}")])
        self.client.must("DEL", "ff:idx:workers")
        self.client.must("SET", "ff:idx:workers", "of no use")
        with self.counted() as sent:
            (report,) = self.sweep("unblock")
        # Our library does not tell where workers register: the global registry, and the one of the namespace.
        self.assertEqual((report["processed"], report["errors"], sent["sscan"]), (240, 0, 2))
        self.assertEqual(sum("capabilities" in line for line in self.lines()), 1)


class Drain(Better):
    """5.4: how far a cycle goes, and that no partition takes another one's share."""

    def seed_both(self, count):
        for tag in ("{fp:0}", "{fp:1}"):
            self.seed("delayed_promoter", ["item-%d" % number for number in range(count)], tag)

    def done_in(self, tag, count):
        return sum(self.done("delayed_promoter", "item-%d" % number, tag) for number in range(count))

    def sweep_with(self, budget):
        file = self.config({"delayed_promoter": "budget: {%s}" % budget})
        return self.run_once(file, "delayed_promoter")

    def test_a_backlog_goes_in_one_cycle(self):
        self.seed_both(300)
        (report,) = self.sweep("delayed_promoter")
        self.assertEqual(report["processed"], 600)

    def test_the_calls_of_a_cycle_are_bounded_and_shared(self):
        self.seed_both(300)
        report = self.sweep_with("calls: 200")
        self.assertLessEqual(report["processed"], 200)
        self.assertGreaterEqual(min(self.done_in(tag, 300) for tag in ("{fp:0}", "{fp:1}")), 50)

    def test_pages_in_which_nothing_was_acted_on_are_bounded(self):
        self.seed_both(300)
        for number in range(300):
            self.client.must("HSET", "ff:exec:{fp:0}:{fp:0}:item-%d:core" % number, "namespace", "theirs")
        file = self.config({"delayed_promoter": "budget: {pages: 2}"}, options="namespace: ours")
        report = self.run_once(file, "delayed_promoter")
        self.assertEqual((report["processed"], report["skipped"]), (0, 2 * 50 + 2 * 50))


class Flows(Better):
    """5.5: summaries are exact over all members."""

    STATES = ["completed", "failed", "cancelled", "expired", "skipped", "active", "suspended", "waiting", "delayed",
              "rate_limited", "waiting_children"]

    def seed_flow(self, counts):
        commands = [["HSET", "ff:flow:{fp:0}:big:core", "flow_id", "big"], ["SADD", "ff:idx:{fp:0}:flow_index", "big"]]
        for state, count in counts.items():
            for number in range(count):
                member = "{fp:0}:" + uuid_of("%s-%d" % (state, number))
                commands += [["SADD", "ff:flow:{fp:0}:big:members", member],
                             ["HSET", "ff:exec:{fp:0}:%s:core" % member, "public_state", state]]
        self.make(commands)

    def summary(self):
        flat = self.client.must("HGETALL", "ff:flow:{fp:0}:big:summary")
        return dict(zip(flat[::2], flat[1::2]))

    def test_every_member_of_a_large_flow_is_counted(self):
        counts = {state: 100 + 7 * number for number, state in enumerate(self.STATES)}
        self.seed_flow(counts)
        self.sweep("flow_projector")
        summary = self.summary()
        self.assertEqual({state: int(summary["members_" + state]) for state in self.STATES}, counts)
        self.assertEqual((summary["total_members"], summary["sampled_members"]), (str(sum(counts.values())),) * 2)
        self.assertEqual(summary["public_flow_state"], "running")

    def test_one_that_runs_among_many_that_ended_keeps_the_flow_running(self):
        self.seed_flow({"completed": 1500, "active": 1})
        for _ in range(3):
            self.sweep("flow_projector")
            self.assertEqual(self.summary()["public_flow_state"], "running")
        self.assertTrue(self.client.must("SISMEMBER", "ff:idx:{fp:0}:flow_index", "big"))

    def test_a_large_flow_that_has_ended_leaves_the_index(self):
        self.seed_flow({"completed": 1500})
        self.sweep("flow_projector")
        self.assertEqual(self.summary()["public_flow_state"], "completed")
        self.assertFalse(self.client.must("SISMEMBER", "ff:idx:{fp:0}:flow_index", "big"))


class Backlog(Better):
    """5.9 #5: the gauge is not written unless all partitions gave a sample."""

    def test_a_partition_without_a_sample_leaves_the_cycle_without_one(self):
        for broken, whole in (("{fp:0}", "{fp:1}"), ("{fp:1}", "{fp:0}")):
            self.clear()
            self.client.must("ZADD", "ff:idx:%s:cancel_backlog" % whole, "9999999999999", uuid_of("later"))
            (report,) = self.sweep("cancel_reconciler")
            self.assertEqual(report["backlog"], 1)
            self.client.must("SET", "ff:idx:%s:cancel_backlog" % broken, "of no use")
            (report,) = self.sweep("cancel_reconciler")
            self.assertIsNone(report["backlog"])

    def test_a_flow_id_in_capitals_leaves_with_its_last_member(self):
        """5.9 #29: a member is removed only if it is still as it was found."""
        flow, member = uuid_of("flow"), "{fp:0}:" + uuid_of("member")
        self.make([["HSET", "ff:flow:{fp:0}:%s:core" % flow, "cancel_reason", "stop"],
                   ["SADD", "ff:flow:{fp:0}:%s:pending_cancels" % flow, member],
                   ["ZADD", "ff:idx:{fp:0}:cancel_backlog", "1", flow.upper()]])
        self.sweep("cancel_reconciler")
        self.assertEqual(self.client.must("EXISTS", "ff:idx:{fp:0}:cancel_backlog",
                                          "ff:flow:{fp:0}:%s:pending_cancels" % flow), 0)


class Dependencies(Better):
    """5.9 #17 and #18."""

    INDEX = "ff:idx:{fp:1}:lane:default:blocked:dependencies"

    def chain(self, length):
        """Each item waits for the one before it; the later in the chain, the earlier in the index."""
        ids = ["{fp:1}:" + uuid_of("link-%d" % number) for number in range(length)]
        commands = [["HSET", "ff:exec:{fp:1}:%s:core" % ids[0], "lifecycle_phase", "terminal", "terminal_outcome", "failed"]]
        for number in range(1, length):
            child = "ff:exec:{fp:1}:%s" % ids[number]
            commands += [
                ["HSET", child + ":core", "execution_id", ids[number], "lane_id", "default", "lifecycle_phase", "runnable",
                 "ownership_state", "unowned", "terminal_outcome", "none", "eligibility_state", "blocked_by_dependencies",
                 "attempt_state", "pending_first_attempt"],
                ["HSET", child + ":deps:meta", "unsatisfied_required_count", "1"], ["SADD", child + ":deps:unresolved", "e"],
                ["HSET", child + ":dep:e", "upstream_execution_id", ids[number - 1], "state", "unsatisfied"],
                ["ZADD", self.INDEX, str(1000 - number), ids[number]]]
        self.make(commands)
        return ids

    def test_a_chain_of_skips_is_resolved_in_one_cycle_whatever_its_order(self):
        ids = self.chain(20)
        (report,) = self.sweep("dependency_reconciler")
        self.assertEqual((report["processed"], report["errors"]), (19, 0))
        states = self.client.call_all([["HGET", "ff:exec:{fp:1}:%s:core" % execution, "terminal_outcome"]
                                       for execution in ids])
        self.assertEqual(states, ["failed"] + ["skipped"] * 19)
        self.assertEqual(self.client.must("EXISTS", self.INDEX), 0)

    def test_an_edge_that_cannot_be_read_takes_no_other_edge_s_count_away(self):
        self.seed("dependency_reconciler", ["item"])
        child = "ff:exec:{fp:1}:{fp:1}:item"
        edges = ["more-%02d" % number for number in range(30)]
        self.make([["SADD", child + ":deps:unresolved", *edges], ["HSET", child + ":deps:meta", "unsatisfied_required_count", "31"],
                   *(["COPY", child + ":dep:e1", child + ":dep:" + edge] for edge in edges[:-1]),
                   ["SET", child + ":dep:" + edges[-1], "of no use"]])
        (report,) = self.sweep("dependency_reconciler")
        self.assertEqual((report["processed"], report["errors"]), (30, 1), self.log)
        self.assertEqual(self.client.must("SMEMBERS", child + ":deps:unresolved"), edges[-1:])


class Lanes(Better):
    """5.9 #27: a lane that nobody sweeps."""

    def seed_in(self, lane, name):
        self.seed("index_reconciler", [name])
        self.client.must("HSET", "ff:exec:{fp:0}:{fp:0}:%s:core" % name, "lane_id", lane)
        self.client.must("ZADD", "ff:idx:{fp:0}:lane:%s:eligible" % lane, "1", "{fp:0}:" + name)

    def warnings(self):
        return [line for line in self.lines() if "lane '" in line]

    def test_an_unswept_lane_is_warned_of_once(self):
        for number in range(10):
            self.seed_in("forgotten", "item-%d" % number)
        self.seed_in("default", "own")
        self.seed_in("other", "one")
        reports = self.sweep("index_reconciler", cycles=5)
        self.assertEqual([cycle["processed"] for cycle in reports], [0] * 5)
        self.assertEqual(len(self.warnings()), 2, self.log)
        self.assertEqual(sum("'forgotten'" in line for line in self.warnings()), 1)
        self.assertTrue(all("lanes" in line for line in self.warnings()))

    def test_a_configured_lane_is_not_warned_of(self):
        self.seed_in("gpu", "item")
        self.sweep("index_reconciler", options="lanes: [default, gpu]")
        self.assertEqual(self.warnings(), [])


class Metrics(Better):
    """5.9 #28 and 5.10: the names and labels of the reference, with bucket bounds that distinguish short cycles."""

    def test_cycles_are_measured_in_fractions_of_a_second(self):
        host = Host(self.folder / "host", self.address, 100)
        self.addCleanup(host.kill)
        until(lambda: all(cycles >= 1 for cycles in host.cycles().values()), 60, "a cycle of every scanner")
        text = host.ask("/metrics")
        found = re.findall(r'^ff_scanner_cycle_duration_seconds_bucket\{.*scanner="(\w+)".*le="([\d.e+-]+)"', text, re.M)
        for scanner in SPECIMENS:
            below_a_second = [float(bound) for name, bound in found if name == scanner and 0 < float(bound) < 1]
            self.assertGreaterEqual(len(below_a_second), 5, scanner)
            self.assertRegex(text, r'(?m)^ff_scanner_cycle_total\{.*scanner="%s"' % scanner)
        self.assertRegex(text, r"(?m)^ff_cancel_backlog_depth(\{[^}]*\})? 0$")
        self.assertEqual(host.end(), 0)


if __name__ == "__main__":
    world.main()
