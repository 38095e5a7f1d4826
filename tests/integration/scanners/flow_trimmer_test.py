#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""flow_trimmer on a real server: everything of a flow goes once its members are purged, and never one that may be wanted.

    flow_trimmer_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import uuid

import world
from races_test import AtExactMoments
from specimens import uuid_of

DAY = 86_400_000
HERE, THERE = "{fp:1}", "{fp:0}"
WANTED = b"-LOADING the server is not ready\r\n"


def member_of(flow, number, tag=HERE):
    return "%s:%s" % (tag, uuid.uuid5(uuid.NAMESPACE_OID, "%s %d" % (flow, number)))


def key(flow, part, tag=HERE):
    return "ff:flow:%s:%s:%s" % (tag, uuid_of(flow), part)


def core_of(member):
    return "ff:exec:%s:%s:core" % (member.split(":")[0] + ":" + member.split(":")[1], member)


def group_entry(flow, number):
    return "%s|%s" % (uuid_of(flow), member_of(flow, number))


class FlowTrimmer(AtExactMoments):
    def flow(self, name, members=3, ago=8 * DAY, state="open", tag=HERE, **fields):
        """A chain of executions that are purged, with all that the engine writes about a flow."""
        ids = [member_of(name, number, tag) for number in range(members)]
        fields = {"flow_id": uuid_of(name), "flow_kind": "dag", "namespace": "acme", "node_count": members,
                  "edge_count": max(0, members - 1), "graph_revision": "7", "public_flow_state": state,
                  "created_at": "$NOW-%d" % (ago + DAY), "last_mutation_at": "$NOW-%d" % ago, **fields}
        commands = [["HSET", key(name, "core", tag), *(str(part) for pair in fields.items() for part in pair)],
                    ["HSET", key(name, "summary", tag), "total_members", str(members)],
                    ["HSET", key(name, "tags", tag), "acme.team", "blue"],
                    ["XADD", key(name, "events", tag), "*", "event", "created"],
                    ["SADD", "ff:idx:%s:flow_index" % tag, uuid_of(name)]]
        for number, member in enumerate(ids):
            commands += [["SADD", key(name, "members", tag), member],
                         ["HSET", key(name, "member:" + member, tag), "joined_at", "1"]]
            if number == 0:
                continue
            edge = str(uuid.uuid5(uuid.NAMESPACE_OID, "%s edge %d" % (name, number)))
            commands += [["HSET", key(name, "edge:" + edge, tag), "upstream_execution_id", ids[number - 1],
                          "downstream_execution_id", member],
                         ["SADD", key(name, "out:" + ids[number - 1], tag), edge],
                         ["SADD", key(name, "in:" + member, tag), edge],
                         ["HSET", key(name, "edgegroup:" + member, tag), "policy_variant", "all_of", "n", "1"]]
        self.make(commands)
        return ids

    def trim(self, processed, errors=0, skipped=None, options="", **more):
        (report,) = self.sweep("flow_trimmer", options=options, **more)
        self.assertEqual((report["processed"], report["errors"]), (processed, errors), self.log)
        if skipped is not None:
            self.assertEqual(report["skipped"], skipped, self.log)

    def check_gone(self, name, tag=HERE):
        self.assertEqual(self.client.must("KEYS", "*%s*" % uuid_of(name)), [])
        self.assertEqual(self.client.must("SISMEMBER", "ff:idx:%s:flow_index" % tag, uuid_of(name)), 0)

    def check_kept(self, **more):
        """That a sweep changes nothing."""
        before = self.database()
        self.trim(0, **more)
        self.assertEqual(self.database(), before)

    # What goes

    def test_everything_of_the_flow_goes_and_nothing_of_another(self):
        self.flow("neighbour", ago=DAY)
        before = self.database()
        self.flow("over")
        self.flow("other", tag=THERE)
        self.trim(2)
        self.assertEqual(self.database(), before)
        self.check_gone("over")

    def test_a_flow_with_thousands_of_edges_and_members_goes_in_one_cycle(self):
        ids = self.flow("large", members=1500)
        self.make([["SADD", key("large", "in:" + ids[7]), "wide-%d" % number] for number in range(3000)])
        self.make([["HSET", key("large", "edge:wide-%d" % number), "edge_id", "e"] for number in range(3000)])
        self.trim(1)
        self.check_gone("large")

    def test_flows_go_though_their_deletion_is_spread_over_cycles(self):
        for number in range(40):
            self.flow("flow-%d" % number, members=2)
            self.flow("young-%d" % number, members=2, ago=DAY)
        file = self.config({"flow_trimmer": "page_size: 10, budget: {pages: 1}"})
        reports = self.run_cycles(file, "flow_trimmer", 60)
        self.assertEqual(sum(report["processed"] for report in reports), 40, self.log)
        self.assertGreater(sum(report["processed"] > 0 for report in reports), 1)
        self.assertEqual(len(self.client.must("KEYS", "ff:flow:*:core")), 40)

    def test_without_drain_one_page_of_flows_goes_in_a_cycle(self):
        """Whatever the order in which the server names their keys, none of which takes the place of a flow."""
        for number in range(100):
            self.flow("flow-%d" % number, members=2)
        file = self.config({"flow_trimmer": "page_size: 10, drain: false, budget: {pages: 1000}"})
        reports = [report["processed"] for report in self.run_cycles(file, "flow_trimmer", 11)]
        self.assertEqual(reports, [10] * 10 + [0], self.log)

    def test_flows_go_after_retention_trimmer_has_purged_their_members(self):
        (member,) = self.flow("over", members=1)
        self.make([["HSET", core_of(member), "lifecycle_phase", "terminal", "completed_at", "$NOW-%d" % (2 * DAY),
                    "flow_id", uuid_of("over"), "total_attempt_count", "0"],
                   ["ZADD", "ff:idx:%s:lane:default:terminal" % HERE, "$NOW-%d" % (2 * DAY), member]])
        self.trim(0)
        self.sweep("retention_trimmer")
        self.trim(1)
        self.check_gone("over")

    def test_a_cancelled_flow_without_members_goes(self):
        self.flow("empty", members=0, state="cancelled")
        self.trim(1)
        self.check_gone("empty")

    def test_what_is_written_after_a_flow_is_gone_goes_too(self):
        self.make([["HSET", key("gone", "summary"), "total_members", "3"], ["HSET", key("gone", "grant:g1"), "kind", "x"]])
        self.trim(2)
        self.check_gone("gone")

    # What stays

    def test_a_flow_stays_as_long_as_one_of_its_members_exists(self):
        ids = self.flow("wanted", members=500)
        self.make([["HSET", core_of(ids[499]), "lifecycle_phase", "terminal"]])
        self.check_kept()

    def test_a_flow_stays_for_the_retention_after_its_last_change(self):
        self.flow("young", ago=6 * DAY)
        self.check_kept()
        self.trim(1, options="retention: 5d")
        self.flow("old", ago=8 * DAY)
        self.check_kept(options="retention: 9d")

    def test_a_cancel_counts_as_a_change(self):
        self.flow("cancelled", state="cancelled", cancelled_at="$NOW-%d" % DAY)
        self.check_kept()

    def test_an_open_flow_to_which_nobody_was_added_yet_stays(self):
        self.flow("empty", members=0)
        self.check_kept()

    def test_open_flows_stay_where_only_closed_ones_may_go(self):
        self.flow("open")
        self.check_kept(options="open_flows: false")
        self.flow("closed", state="cancelled")
        self.trim(1, options="open_flows: false")
        self.check_gone("closed")

    def test_a_flow_that_owes_cancels_stays(self):
        self.flow("owes", state="cancelled")
        self.make([["SADD", key("owes", "pending_cancels"), member_of("owes", 0)]])
        self.check_kept()
        self.make([["DEL", key("owes", "pending_cancels")], ["ZADD", "ff:idx:%s:cancel_backlog" % HERE, "1", uuid_of("owes")]])
        self.check_kept()

    def test_a_flow_with_a_fired_group_that_was_not_drained_stays(self):
        self.flow("fired")
        self.make([["SADD", "ff:idx:%s:pending_cancel_groups" % HERE, group_entry("fired", 2)]])
        self.check_kept()

    def test_a_flow_with_the_hold_tag_stays(self):
        self.flow("held")
        self.check_kept(options="hold_tag: 'acme.team'", skipped=1)
        self.check_kept(options="hold_tag: 'acme.team=blue'", skipped=1)
        self.trim(1, options="hold_tag: 'acme.team=red'")

    def test_a_hold_tag_that_cannot_be_read_holds(self):
        self.flow("held")
        self.make([["DEL", key("held", "tags")], ["SET", key("held", "tags"), "of no use"]])
        self.check_kept(errors=1, options="hold_tag: 'acme.team'")

    def test_a_preview_deletes_nothing_and_says_what_would_go(self):
        self.flow("over", members=300)
        self.make([["HSET", key("gone", "summary"), "total_members", "3"]])
        self.check_kept(options="preview: true", skipped=2)
        # Core, members, summary, tags, events; a record for each member; edge, group and two sets for each edge.
        (line,) = [line for line in self.lines() if "preview: flow" in line]
        self.assertRegex(line, "would be deleted: 300 members, %d keys, [1-9][0-9]{4,} bytes" % (5 + 300 + 4 * 299))
        self.assertTrue(any("preview: %s would be deleted" % key("gone", "summary") in line for line in self.lines()))

    def test_ids_that_no_engine_makes_are_left_alone(self):
        self.make([["HSET", "ff:flow:%s:%s:core" % (HERE, name), "node_count", "1", "last_mutation_at", "1"]
                   for name in ("flow-1", uuid_of("flow").upper(), uuid_of("flow") + ":x")])
        self.check_kept()

    # What happens meanwhile

    def test_a_flow_whose_member_comes_back_stays(self):
        """The member's id is created anew between the look at it and the write."""
        ids = self.flow("over")
        before = self.database()
        self.meanwhile("EVAL", ["HSET", core_of(ids[1]), "lifecycle_phase", "runnable"])
        self.assertEqual(self.swept("flow_trimmer")["processed"], 0)
        self.assertEqual({name: value for name, value in self.database().items() if name != core_of(ids[1])}, before)

    def test_a_flow_to_which_a_member_is_added_stays(self):
        self.flow("over")
        added = member_of("over", 77)
        self.meanwhile("EVAL", ["SADD", key("over", "members"), added],
                       ["HSET", key("over", "core"), "last_mutation_at", "$NOW"],
                       ["HSET", core_of(added), "lifecycle_phase", "runnable"])
        self.assertEqual(self.swept("flow_trimmer")["processed"], 0)
        self.assertEqual(self.client.must("SCARD", key("over", "members")), 4)
        self.assertEqual(len(self.client.must("KEYS", key("over", "edge:*"))), 2)

    def test_a_flow_that_is_cancelled_meanwhile_stays(self):
        self.flow("over")
        self.meanwhile("EVAL", ["HSET", key("over", "core"), "public_flow_state", "cancelled"])
        self.assertEqual(self.swept("flow_trimmer")["processed"], 0)
        self.assertEqual(self.client.must("SCARD", key("over", "members")), 3)

    def test_a_summary_stays_whose_flow_comes_back(self):
        self.make([["HSET", key("gone", "summary"), "total_members", "3"]])
        self.meanwhile("EVAL", ["HSET", key("gone", "core"), "created_at", "$NOW"])
        self.assertEqual(self.swept("flow_trimmer")["processed"], 0)
        self.assertEqual(self.client.must("EXISTS", key("gone", "summary")), 1)

    def test_a_deletion_that_fails_half_way_is_finished_by_the_next_cycle(self):
        ids = self.flow("large", members=600)
        self.make([["SADD", key("large", "in:" + ids[7]), "wide-%d" % number] for number in range(2000)])
        self.make([["HSET", key("large", "edge:wide-%d" % number), "edge_id", "e"] for number in range(2000)])
        for later in (0, 1, 3):
            self.between.answer("EVAL", WANTED, later)
            report = self.swept("flow_trimmer")
            self.assertEqual((report["processed"], report["errors"]), (0, 1), self.log)
            self.assertEqual(self.client.must("EXISTS", key("large", "core")), 1)
        self.trim(1)
        self.check_gone("large")

    def test_a_walk_that_fails_loses_nothing(self):
        self.flow("over")
        self.between.answer("SCAN", WANTED)
        self.assertEqual(self.swept("flow_trimmer")["errors"], 1)
        self.trim(1)


if __name__ == "__main__":
    world.main()
