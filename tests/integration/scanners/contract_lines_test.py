#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines of the scanners' contract that no vector covers: interrupted walks, lanes, caches, every row of the indexes.

    contract_lines_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import world
from between import Between
from races_test import AtExactMoments
from specimens import WAITS, blocked, uuid_of
from world import SPECIMENS, Case

BROKEN_WALK = b"-LOADING the server is not ready\r\n"
NO_WALK = b":1\r\n"
WALKED = {"index_reconciler": "all_executions", "budget_reconciler": "budget_policies", "flow_projector": "flow_index"}
LANED = {"delayed_promoter": "delayed", "retention_trimmer": "terminal", "unblock": "blocked:quota",
         "dependency_reconciler": "blocked:dependencies"}


class Walks(AtExactMoments):
    """3.3, 3.10, 3.13, 3.14: an interrupted walk keeps its counts and loses nothing."""

    def seed_pages(self, scanner):
        self.clear()
        self.seed(scanner, ["item-%d" % number for number in range(600)])

    def test_a_walk_that_fails_half_way_keeps_what_was_counted(self):
        for scanner, index in WALKED.items():
            with self.subTest(scanner=scanner):
                self.seed_pages(scanner)
                self.between.answer("SSCAN %s" % index, BROKEN_WALK, later=2)
                report = self.swept(scanner)
                self.assertEqual(report["errors"], 1)
                self.assertGreater(report["processed"], 50)
                self.assertLess(report["processed"], 600)
                (report,) = self.sweep(scanner)
                self.assertEqual(report["errors"], 0)
                if not SPECIMENS[scanner].reported:
                    self.assertEqual(self.count_done(scanner, ["item-%d" % number for number in range(600)]), 600)

    def test_a_walk_that_answers_something_else_ends_and_loses_nothing(self):
        for scanner, index in WALKED.items():
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item"])
                before = self.database()
                self.between.answer("SSCAN %s" % index, NO_WALK)
                report = self.swept(scanner)
                self.assertEqual(self.database(), before)
                self.assertEqual(report["processed"], 0)
                self.assertEqual(report["errors"], 1 if scanner == "index_reconciler" else 0)
                self.sweep(scanner)
                self.assertTrue(self.done(scanner, "item"))

    def test_a_cycle_sees_the_whole_set_even_without_drain(self):
        for scanner in (*WALKED, "quota_reconciler"):
            with self.subTest(scanner=scanner):
                self.seed_pages(scanner)
                (report,) = self.sweep(scanner, drain=False)
                self.assertEqual(report["processed"], 600, self.log)

    def test_members_that_are_walked_with_an_odd_answer_are_not_taken_for_none(self):
        """3.13, 5.5: a counter or a summary that covers only some of the members would be wrong."""
        for scanner, members in (("quota_reconciler", "item:admitted_set"), ("flow_projector", "item:members")):
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["item"])
                before = self.database()
                self.between.answer("SSCAN %s" % members, NO_WALK)
                report = self.swept(scanner)
                self.assertEqual(self.database(), before)
                self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
                self.sweep(scanner)
                self.assertTrue(self.done(scanner, "item"))

    def test_admissions_of_many_policies_are_counted_each_for_its_own(self):
        """3.13, steps 5 to 7: sets of many pages, of one, and empty ones, in one group."""
        sizes = {"policy-%d" % number: size for number, size in enumerate((0, 1, 700, 350, 3, 900, 400, 0, 350, 500, 2))}
        for policy, size in sizes.items():
            key = "ff:quota:{q:0}:%s" % policy
            self.make([["SADD", "ff:idx:{q:0}:quota_policies", policy],
                       ["HSET", key, "active_concurrency_cap", "5"], ["SET", key + ":concurrency", "1"],
                       *(["SADD", key + ":admitted_set", "admission-%d" % number] for number in range(size)),
                       *(["SET", key + ":admitted:admission-%d" % number, "1"]
                         for number in range(size) if number % 3)])
        (report,) = self.sweep("quota_reconciler")
        kept = {policy: ["admission-%d" % number for number in range(size) if number % 3]
                for policy, size in sizes.items()}
        self.assertEqual(report["errors"], 0, self.log)
        self.assertEqual(report["processed"], sum(len(those) != 1 for those in kept.values()))
        for policy, those in kept.items():
            key = "ff:quota:{q:0}:%s" % policy
            self.assertEqual(sorted(self.client.must("SMEMBERS", key + ":admitted_set")), sorted(those), policy)
            self.assertEqual(self.client.must("GET", key + ":concurrency"), str(len(those)), policy)

    def test_a_policy_that_fails_after_its_window_was_trimmed_counts_as_an_error_alone(self):
        """3.13: one outcome for a policy."""
        for broken in ("admitted_set", "concurrency"):
            with self.subTest(broken=broken):
                self.clear()
                self.seed("quota_reconciler", ["item"])
                window = "ff:quota:{q:0}:item:window:requests_per_window"
                self.make([["ZADD", window, "1", "old"], ["DEL", "ff:quota:{q:0}:item:%s" % broken],
                           ["RPUSH", "ff:quota:{q:0}:item:%s" % broken, "of no use"]])
                (report,) = self.sweep("quota_reconciler")
                self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
                self.assertIsNone(self.client.must("ZSCORE", window, "old"))

    def test_a_page_of_admissions_that_cannot_be_read_spoils_only_its_own_policy(self):
        self.seed("quota_reconciler", ["item-%d" % number for number in range(20)])
        self.between.answer("SSCAN item-7:admitted_set", BROKEN_WALK)
        report = self.swept("quota_reconciler")
        self.assertEqual((report["processed"], report["errors"]), (19, 1), self.log)
        self.assertFalse(self.done("quota_reconciler", "item-7"))
        self.sweep("quota_reconciler")
        self.assertTrue(self.done("quota_reconciler", "item-7"))

    def test_a_flow_that_owes_many_has_one_sample_a_cycle_without_drain(self):
        """3.15, step 4."""
        flow = uuid_of("flow")
        owed = "ff:flow:{fp:0}:%s:pending_cancels" % flow
        for drain, cycles in ((False, [500, 500, 200]), (True, [1200])):
            with self.subTest(drain=drain):
                self.clear()
                self.make([["ZADD", "ff:idx:{fp:0}:cancel_backlog", "1", flow],
                           ["HSET", "ff:flow:{fp:0}:%s:core" % flow, "flow_id", flow],
                           *(["SADD", owed, "{fp:0}:%s" % uuid_of("member-%d" % number)] for number in range(1200))])
                reports = self.sweep("cancel_reconciler", cycles=len(cycles), drain=drain)
                self.assertEqual([cycle["processed"] for cycle in reports], cycles, self.log)
                self.assertEqual(self.client.must("EXISTS", owed, "ff:idx:{fp:0}:cancel_backlog"), 0)

    def test_a_record_of_implausibly_many_attempts_is_kept(self):
        """5.9: naming all keys would take far too long."""
        self.seed("retention_trimmer", ["item", "other"])
        core = self.record("retention_trimmer", "item")
        self.make([["HSET", core, "total_attempt_count", "4294967295"]])
        (report,) = self.sweep("retention_trimmer")
        self.assertEqual((report["processed"], report["errors"]), (1, 1))
        self.assertIn("implausible total_attempt_count of 4294967295", self.log)
        self.assertTrue(self.client.must("EXISTS", core))
        self.assertTrue(self.done("retention_trimmer", "other"))

    def test_a_chunk_of_a_purge_that_fails_leaves_what_names_the_rest(self):
        """3.8, step 6: the core, the policy and the entry remain for a later attempt."""
        self.seed("retention_trimmer", ["item"])
        core = self.record("retention_trimmer", "item")
        self.make([["HSET", core, "total_attempt_count", "300"],
                   *(["HSET", "ff:attempt:{fp:0}:{fp:0}:item:%d" % number, "a", "b"] for number in range(300))])
        self.between.answer("EVAL ff:attempt:{fp:0}:{fp:0}:item:150", BROKEN_WALK)
        report = self.swept("retention_trimmer")
        self.assertEqual((report["processed"], report["errors"]), (0, 1))
        self.assertTrue(self.client.must("EXISTS", core))
        self.assertTrue(self.is_listed("retention_trimmer", "item"))
        self.sweep("retention_trimmer")
        self.assertEqual(self.client.must("KEYS", "*:item:*"), [])


class LaneRules(Case):
    """1, 3.2, 3.8, 3.11, 3.12: only configured lanes, in their order; a broken lane hides no other."""

    def seed_in_lane(self, scanner, name, lane):
        self.seed(scanner, [name])
        tag, member = SPECIMENS[scanner].tag, self.member(scanner, name)
        old = "ff:idx:%s:lane:default:%s" % (tag, LANED[scanner])
        self.client.must("ZADD", "ff:idx:%s:lane:%s:%s" % (tag, lane, LANED[scanner]), "1000", member)
        self.client.must("ZREM", old, member)

    def test_a_lane_that_is_not_configured_is_left_alone(self):
        for scanner in LANED:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed_in_lane(scanner, "mine", "gpu")
                self.seed_in_lane(scanner, "other", "default2")
                self.sweep(scanner, options="lanes: [default, gpu]")
                self.assertTrue(self.done(scanner, "mine"), self.log)
                self.assertFalse(self.done(scanner, "other"))

    def test_an_index_that_cannot_be_read_hides_no_later_lane(self):
        for scanner in LANED:
            with self.subTest(scanner=scanner):
                self.clear()
                self.client.must("SET", "ff:idx:%s:lane:first:%s" % (SPECIMENS[scanner].tag, LANED[scanner]), "of no use")
                self.seed_in_lane(scanner, "mine", "second")
                (report,) = self.sweep(scanner, options="lanes: [first, second]")
                self.assertTrue(self.done(scanner, "mine"), self.log)
                self.assertEqual((report["processed"], report["errors"]), (1, 1))


class Caches(Case):
    """3.11, 3.12: a record that many items wait for is read once."""

    def commands(self, scanner, text):
        between = Between(self.folder, self.address)
        self.host_address = between.address
        try:
            (report,) = self.sweep(scanner)
        finally:
            between.close()
            self.host_address = None
        return report, [command for command in between.seen if any(text in part for part in command[1:])
                      and command[0].upper() not in ("FCALL", "EVAL", "EVALSHA")]

    def test_a_budget_is_read_once_for_all_that_wait_for_it(self):
        self.make([command for number in range(150) for command in blocked("budget", "item-%d" % number)])
        report, reads = self.commands("unblock", WAITS["budget"].key)
        self.assertEqual((report["processed"], len(reads)), (150, 2), reads)

    def test_workers_are_read_once_for_all_partitions(self):
        self.make([command for tag in ("{fp:0}", "{fp:1}") for number in range(150)
                   for command in blocked("route", "item-%d" % number, tag)])
        report, reads = self.commands("unblock", "worker")
        # The global registry with its worker, and the empty one of the namespace.
        self.assertEqual((report["processed"], len(reads)), (300, 3), reads)

    def test_an_upstream_is_read_once_for_all_its_children(self):
        self.seed("dependency_reconciler", ["item-%d" % number for number in range(150)])
        report, reads = self.commands("dependency_reconciler", "0000abc4-0000-4000-8000-000000000000:core")
        self.assertEqual((report["processed"], len(reads)), (150, 1), reads)


class Chains(Case):
    """3.12: the end of an execution counts for all items after it, and the others do not wait for it."""

    ENDED = "{fp:0}:00000000-0000-4000-8000-00000000dead"

    @staticmethod
    def child(number):
        return "{fp:0}:00000000-0000-4000-8000-%012d" % number

    def blocked_child(self, number, upstreams, name=None):
        child = self.child(number) if name is None else name
        key = "ff:exec:{fp:0}:%s:" % child
        yield ["HSET", key + "core", "execution_id", child, "lifecycle_phase", "runnable",
               "ownership_state", "unowned", "eligibility_state", "blocked_by_dependencies", "terminal_outcome", "none",
               "attempt_state", "pending_first_attempt"]
        yield ["HSET", key + "deps:meta", "unsatisfied_required_count", str(len(upstreams))]
        for edge, upstream in enumerate(upstreams):
            yield ["SADD", key + "deps:unresolved", "edge-%d" % edge]
            yield ["HSET", key + "dep:edge-%d" % edge, "state", "unsatisfied", "upstream_execution_id", upstream]
        yield ["ZADD", "ff:idx:{fp:0}:lane:default:blocked:dependencies", str(number), child]

    def end(self, outcome):
        self.send([["HSET", "ff:exec:{fp:0}:%s:core" % self.ENDED, "lifecycle_phase", "terminal",
                    "terminal_outcome", outcome]])

    def test_edges_to_children_that_were_skipped_before_it_are_resolved_with_a_childs_others(self):
        """A call that skips the child removes it from the index, so its other edges would never be looked at again."""
        children = range(1, 8)
        self.end("failed")
        for number in children:
            parents = [self.ENDED] + [self.child(earlier) for earlier in range(1, number)]
            self.send(list(self.blocked_child(number, parents)))
        (report,) = self.sweep("dependency_reconciler")
        self.assertEqual((report["processed"], report["errors"]), (sum(children), 0))
        for number in children:
            key = "ff:exec:{fp:0}:%s:" % self.child(number)
            self.assertEqual(self.client.must("EXISTS", key + "deps:unresolved"), 0, number)
            self.assertEqual(self.client.must("HMGET", key + "deps:meta", "unsatisfied_required_count",
                                              "impossible_required_count"), ["0", str(number)])

    def test_an_edge_without_an_upstream_does_not_wait_for_a_child_without_a_name(self):
        """3.12, step 3: an empty text is not an id, even if something with that id was skipped."""
        self.end("failed")
        self.send(list(self.blocked_child(1, [self.ENDED], name="")) + list(self.blocked_child(2, [""])))
        (report,) = self.sweep("dependency_reconciler")
        self.assertEqual((report["processed"], report["errors"]), (1, 0))
        self.assertEqual(self.client.must("HGET", "ff:exec:{fp:0}:%s:core" % self.child(2), "terminal_outcome"), "none")


class Suspensions(Case):
    """3.6, 5.9 #22: the suspension is read only to find a waitpoint that the core does not name."""

    INDEX = "ff:idx:{fp:0}:suspension_timeout"

    def list_with_broken_suspension(self, name, *core):
        record = "ff:exec:{fp:0}:{fp:0}:%s:" % name
        self.make([["ZADD", self.INDEX, "$NOW-250", "{fp:0}:" + name], ["SET", record + "suspension:current", "broken"]])
        if core:
            self.make([["HSET", record + "core", *core]])

    def test_entries_that_no_suspension_needs_leave_whatever_its_record_is(self):
        """The function removes them without reading the suspension."""
        self.list_with_broken_suspension("gone")
        self.list_with_broken_suspension("active", "lifecycle_phase", "active")
        (report,) = self.sweep("suspension_timeout")
        self.assertEqual((report["processed"], report["errors"]), (2, 0), self.log)
        self.assertEqual(self.client.must("EXISTS", self.INDEX), 0)

    def test_a_suspended_execution_with_a_broken_suspension_stays_as_it_is(self):
        self.list_with_broken_suspension("broken", "lifecycle_phase", "suspended")
        before = self.database()
        (report,) = self.sweep("suspension_timeout")
        self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
        self.assertEqual(self.database(), before)


class Indexes(Case):
    """3.3: every row of the table of expected indexes."""

    ROWS = [
        ("active", "not_applicable", "leased", "active"), ("active", "eligible_now", "leased", "active"),
        ("runnable", "eligible_now", "unowned", "eligible"), ("runnable", "not_eligible_until_time", "unowned", "delayed"),
        ("runnable", "blocked_by_dependencies", "unowned", "blocked:dependencies"),
        ("runnable", "blocked_by_budget", "unowned", "blocked:budget"),
        ("runnable", "blocked_by_quota", "unowned", "blocked:quota"),
        ("runnable", "blocked_by_route", "unowned", "blocked:route"),
        ("runnable", "blocked_by_operator", "unowned", "blocked:operator"),
        ("suspended", "not_applicable", "unowned", "suspended"), ("terminal", "not_applicable", "unowned", "terminal"),
        ("active", "not_applicable", "lease_expired_reclaimable", None), ("active", "not_applicable", "lease_revoked", None),
        ("runnable", "blocked_by_lane_state", "unowned", None), ("submitted", "eligible_now", "unowned", None),
        ("", "", "", None), ("runnable", "not_applicable", "unowned", None),
    ]

    def make_rows(self, lane, listed):
        commands = []
        for number, (phase, eligibility, ownership, index) in enumerate(self.ROWS):
            core = ["HSET", "ff:exec:{fp:0}:{fp:0}:row-%d:core" % number, "lifecycle_phase", phase, "eligibility_state",
                    eligibility, "ownership_state", ownership]
            commands.append(core + ([] if lane is None else ["lane_id", lane]))
            commands.append(["SADD", "ff:idx:{fp:0}:all_executions", "{fp:0}:row-%d" % number])
            if index and listed:
                commands.append(["ZADD", "ff:idx:{fp:0}:lane:%s:%s" % ("default" if lane is None else lane, index), "1",
                                 "{fp:0}:row-%d" % number])
        self.make(commands)

    def test_each_row_is_missed_where_it_belongs_and_nowhere_else(self):
        for lane in (None, "", "gpu"):
            with self.subTest(lane=lane):
                self.clear()
                self.make_rows(lane, listed=True)
                (report,) = self.sweep("index_reconciler", options="lanes: [default, gpu]")
                self.assertEqual((report["processed"], report["errors"]), (0, 0), self.log)
                self.clear()
                self.make_rows(lane, listed=False)
                (report,) = self.sweep("index_reconciler", options="lanes: [default, gpu]")
                self.assertEqual((report["processed"], report["errors"]), (11, 0), self.log)
                for number, (phase, eligibility, ownership, index) in enumerate(self.ROWS):
                    lines = [line for line in self.lines() if "'{fp:0}:row-%d'" % number in line]
                    self.assertEqual(len(lines), 1 if index else 0, lines)
                    for part in (phase, eligibility, ownership, "lane:%s:%s" % ("default" if lane is None else lane, index)):
                        self.assertTrue(not lines or part in lines[0], lines)


class Retention(Case):
    def test_a_retention_longer_than_time_trims_nothing(self):
        """3.8: the bound of the query does not go below 0."""
        self.seed("retention_trimmer", ["item"])
        (report,) = self.sweep("retention_trimmer", options="default_retention: 30000d")
        self.assertFalse(self.done("retention_trimmer", "item"))
        self.assertEqual((report["processed"], report["errors"]), (0, 0))


if __name__ == "__main__":
    world.main()
