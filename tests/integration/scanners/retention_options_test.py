#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The options of retention_trimmer: default_retention, shortest_retention, hold_tag, preview.

    retention_options_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import re

import world
from world import Case

HOUR = 3_600_000
INDEX = "ff:idx:{fp:0}:lane:default:terminal"


def key(name, part):
    return "ff:exec:{fp:0}:{fp:0}:%s:%s" % (name, part)


class RetentionOptions(Case):
    def ended(self, name, ago_ms, retention_ms=None, tags=()):
        """An execution that ended that long ago, with its own policy and tags."""
        commands = [["HSET", key(name, "core"), "lifecycle_phase", "terminal", "completed_at", "$NOW-%d" % ago_ms,
                     "total_attempt_count", "1", "namespace", "acme", "lane_id", "default"],
                    ["ZADD", INDEX, "$NOW-%d" % ago_ms, "{fp:0}:" + name],
                    ["SADD", "ff:idx:{fp:0}:all_executions", "{fp:0}:" + name],
                    ["SET", key(name, "payload"), "x" * 1000], ["HSET", key(name, "tags"), "acme.other", "1", *tags],
                    ["HSET", "ff:attempt:{fp:0}:{fp:0}:%s:0" % name, "attempt_state", "ended_success"]]
        if retention_ms is not None:
            commands.append(["SET", key(name, "policy"), '{"stream_policy": {"retention_ttl_ms": %d}}' % retention_ms])
        self.make(commands)

    def kept(self):
        return sorted(member.split(":", 2)[2] for member in self.client.must("ZRANGE", INDEX, "0", "-1"))

    def trimmed(self, options, errors=0, processed=None):
        before = set(self.kept())
        (report,) = self.sweep("retention_trimmer", options=options)
        gone = before - set(self.kept())
        for name in gone:
            self.assertEqual(self.client.must("KEYS", "*%s*" % name), [])
        for name in before - gone:
            self.assertEqual(self.client.must("EXISTS", key(name, "core"), key(name, "payload"), key(name, "tags")), 3)
            self.assertEqual(self.client.must("SISMEMBER", "ff:idx:{fp:0}:all_executions", "{fp:0}:" + name), 1)
        self.assertEqual((report["processed"], report["errors"]), (len(gone) if processed is None else processed, errors), self.log)
        return sorted(gone)

    # default_retention

    def test_without_options_an_execution_is_kept_for_a_day(self):
        self.ended("day", 24 * HOUR + 250)
        self.ended("less", 24 * HOUR - 60_000)
        self.assertEqual(self.trimmed(""), ["day"])

    def test_a_shorter_default_trims_earlier(self):
        self.ended("two", 2 * HOUR)
        self.ended("half", HOUR // 2)
        self.assertEqual(self.trimmed("default_retention: 1h"), ["two"])

    def test_a_longer_default_trims_later(self):
        self.ended("two-days", 48 * HOUR)
        self.ended("eight-days", 192 * HOUR)
        self.assertEqual(self.trimmed("default_retention: 7d"), ["eight-days"])

    def test_a_policy_may_ask_for_longer_than_the_default(self):
        self.ended("longer", 2 * HOUR, retention_ms=3 * HOUR)
        self.ended("over", 4 * HOUR, retention_ms=3 * HOUR)
        self.assertEqual(self.trimmed("default_retention: 1h"), ["over"])

    def test_a_policy_cannot_ask_for_less_unless_that_is_allowed(self):
        self.ended("shorter", 2 * HOUR, retention_ms=HOUR)
        self.assertEqual(self.trimmed("default_retention: 3h"), [])

    # shortest_retention

    def test_a_policy_may_ask_for_less_down_to_the_shortest(self):
        self.ended("shorter", 2 * HOUR, retention_ms=HOUR)
        self.ended("silent", 2 * HOUR)
        self.ended("not-yet", HOUR // 2, retention_ms=HOUR)
        self.assertEqual(self.trimmed("shortest_retention: 1m"), ["shorter"])

    def test_nothing_is_trimmed_before_the_shortest_whatever_a_policy_says(self):
        self.ended("at-once", HOUR // 2, retention_ms=0)
        self.ended("after-it", 2 * HOUR, retention_ms=0)
        self.assertEqual(self.trimmed("shortest_retention: 1h"), ["after-it"])

    def test_executions_with_the_default_hide_nobody_with_a_shorter_one(self):
        for number in range(300):
            self.ended("a-%d" % number, 3 * HOUR)
        for number in range(50):
            self.ended("b-%d" % number, 2 * HOUR, retention_ms=HOUR)
        self.assertEqual(len(self.trimmed("shortest_retention: 1h")), 50)

    def test_a_shortest_that_is_longer_than_the_default_changes_nothing(self):
        self.ended("two", 2 * HOUR)
        self.assertEqual(self.trimmed("default_retention: 1h, shortest_retention: 3h"), ["two"])

    # hold_tag

    def test_a_held_execution_is_kept_whatever_the_tag_says(self):
        self.ended("held", 25 * HOUR, tags=["legal.hold", ""])
        self.ended("free", 25 * HOUR, tags=["legal.holds", "yes"])
        self.assertEqual(self.trimmed("hold_tag: legal.hold"), ["free"])

    def test_a_hold_tag_with_a_value_holds_that_value_alone(self):
        self.ended("held", 25 * HOUR, tags=["legal.hold", "yes=1"])
        self.ended("free", 25 * HOUR, tags=["legal.hold", "yes"])
        self.assertEqual(self.trimmed("hold_tag: 'legal.hold=yes=1'"), ["free"])

    def test_without_the_option_nothing_holds(self):
        self.ended("held", 25 * HOUR, tags=["legal.hold", "yes"])
        self.assertEqual(self.trimmed(""), ["held"])

    def test_tags_that_cannot_be_read_hold(self):
        self.ended("unknown", 25 * HOUR)
        self.client.must("DEL", key("unknown", "tags"))
        self.client.must("SET", key("unknown", "tags"), "of no use")
        self.assertEqual(self.trimmed("hold_tag: legal.hold", errors=1), [])

    def test_held_ones_hide_nobody(self):
        for number in range(300):
            self.ended("a-%d" % number, 26 * HOUR, tags=["legal.hold", "yes"])
        for number in range(50):
            self.ended("b-%d" % number, 25 * HOUR)
        self.assertEqual(len(self.trimmed("hold_tag: legal.hold")), 50)

    # preview

    def test_a_preview_deletes_nothing_and_tells_keys_and_bytes_of_each(self):
        self.ended("old", 25 * HOUR, retention_ms=HOUR)
        self.ended("long", 25 * HOUR, retention_ms=48 * HOUR)
        self.ended("held", 25 * HOUR, tags=["legal.hold", "yes"])
        before = self.database()
        (report,) = self.sweep("retention_trimmer", options="preview: true, hold_tag: legal.hold")
        self.assertEqual(self.database(), before)
        self.assertEqual((report["processed"], report["errors"]), (0, 0))
        (line,) = [line for line in self.lines() if "preview" in line]
        keys, size = re.search(r"'\{fp:0\}:old' would be deleted: (\d+) keys, (\d+) bytes", line).groups()
        owned = [owned_key for owned_key in before if ":old:" in owned_key]
        self.assertEqual(int(keys), len(owned))
        self.assertEqual(int(size), sum(self.client.must("MEMORY", "USAGE", owned_key) for owned_key in owned))
        self.assertGreater(int(size), 1000)

    def test_a_preview_tells_what_a_run_then_deletes(self):
        names = ["old-%d" % number for number in range(15)]
        for name in names:
            self.ended(name, 25 * HOUR)
        self.sweep("retention_trimmer", options="preview: true")
        previewed = sorted(re.search(r"'\{fp:0\}:(\S+)'", line).group(1) for line in self.lines() if "preview" in line)
        self.assertEqual(previewed, sorted(names))
        self.assertEqual(self.trimmed(""), sorted(names))

    def test_a_preview_leaves_stale_entries_too(self):
        self.make([["ZADD", INDEX, "1", "{fp:0}:gone"]])
        before = self.database()
        self.sweep("retention_trimmer", options="preview: true")
        self.assertEqual(self.database(), before)


if __name__ == "__main__":
    world.main()
