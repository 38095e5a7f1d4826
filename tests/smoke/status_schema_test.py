#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The status of a running host is what host/admin/status.schema.json describes, in every state.

    status_schema_test.py --bin DIR --plugins DIR [unittest arguments]
"""

import argparse
import copy
import json
import pathlib
import signal
import sys
import unittest
import urllib.request

import ctl_test
from ctl_test import eventually, scanhost

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "host/admin/status.schema.json").read_text())
ANNOTATIONS = {"$schema", "title", "description", "$defs"}
KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "$ref", "oneOf"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of(value, name):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def resolve(root, reference):
    assert reference.startswith("#/$defs/"), reference
    return root["$defs"][reference.removeprefix("#/$defs/")]


def problems(value, schema, root=SCHEMA, where="$"):
    """What is wrong with a value; knows the keywords that the schema uses, and no other."""
    unknown = set(schema) - ANNOTATIONS - KEYWORDS
    assert not unknown, "%s: this checker does not know %s" % (where, unknown)
    if "$ref" in schema:
        return problems(value, resolve(root, schema["$ref"]), root, where)
    found = []
    if "oneOf" in schema:
        fitting = [choice for choice in schema["oneOf"] if not problems(value, choice, root, where)]
        if len(fitting) != 1:
            found.append("%s: %r fits %d of the choices" % (where, value, len(fitting)))
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_of(value, name) for name in types):
        return found + ["%s: %r is not of the type %s" % (where, value, types)]
    if "enum" in schema and value not in schema["enum"]:
        found.append("%s: %r is none of %s" % (where, value, schema["enum"]))
    if isinstance(value, dict) and "properties" in schema:
        found += problems_of_members(value, schema, root, where)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found += problems(item, schema["items"], root, "%s[%d]" % (where, index))
    return found


def problems_of_members(value, schema, root, where):
    assert schema["additionalProperties"] is False, where
    found = ["%s: %s is missing" % (where, name) for name in schema["required"] if name not in value]
    for name, member in value.items():
        if name not in schema["properties"]:
            found.append("%s: %s is not in the schema" % (where, name))
        else:
            found += problems(member, schema["properties"][name], root, where + "." + name)
    return found


class Schema(unittest.TestCase):
    small = {"$defs": {"name": {"type": "string", "enum": ["a", "b"]}}, "type": "object", "additionalProperties": False,
             "required": ["names"], "properties": {
                 "names": {"type": "array", "items": {"$ref": "#/$defs/name"}}, "count": {"type": ["integer", "null"]},
                 "either": {"oneOf": [{"$ref": "#/$defs/name"}, {"type": "null"}]}}}

    def wrong(self, value):
        return problems(value, self.small, self.small)

    def test_the_checker_takes_what_fits(self):
        for value in ({"names": []}, {"names": ["a", "b"], "count": 1, "either": None}, {"names": [], "count": None}):
            self.assertEqual(self.wrong(value), [])

    def test_the_checker_finds_what_does_not_fit(self):
        for value in ({}, [], {"names": ["c"]}, {"names": [1]}, {"names": {}}, {"names": [], "more": 1},
                      {"names": [], "count": 1.5}, {"names": [], "count": True}, {"names": [], "either": "c"}):
            self.assertNotEqual(self.wrong(value), [], value)

    def test_the_checker_refuses_keywords_that_it_does_not_know(self):
        with self.assertRaisesRegex(AssertionError, "does not know"):
            problems(1, {"type": "integer", "minimum": 3})

    def test_every_definition_is_used_and_closed(self):
        text = json.dumps(SCHEMA)
        for name, definition in SCHEMA["$defs"].items():
            self.assertIn('"#/$defs/%s"' % name, text)
            self.assertIs(definition["additionalProperties"], False, name)
            self.assertEqual(set(definition["required"]), set(definition["properties"]), name)
            for member, value in definition["properties"].items():
                self.assertTrue("description" in value or "$ref" in value, "%s.%s has no description" % (name, member))


class Documents(ctl_test.Host):
    scanners = ("lease_expiry: {interval: 100ms, rate: {target_latency: 1s}}", "delayed_promoter: {interval: 100ms, dry_run: true}",
                "cancel_reconciler: {interval: 1d}")

    def document(self, *words):
        document = json.loads(self.done("status", *words, "--json"))
        self.assertEqual(problems(document, SCHEMA), [])
        return document

    def state(self, name):
        (scanner,) = self.document(name)["scanners"]
        return scanner

    def client(self):
        client = ctl_test.connect(self.address)
        self.addCleanup(client.__exit__, None, None, None)
        return client.__enter__()

    def page_status(self):
        marker = "listening on http://127.0.0.1:"
        port = next(line for line in self.log().splitlines() if marker in line).split(marker)[1].split("/")[0]
        with urllib.request.urlopen("http://127.0.0.1:%s/status.json" % port, timeout=60) as answer:
            document = json.load(answer)
        self.assertEqual(problems(document, SCHEMA), [])
        return document

    def has_all_scanners(self):
        return self.socket.exists() and self.ctl("status").returncode == 0 and len(self.document()["scanners"]) == 3

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(60), 0, self.log())

    def test_of_a_host_that_runs(self):
        document = eventually(lambda: (found := self.document())["host"]["ready"] and found, self.log)
        self.assertEqual(document["version"], 1)
        host = document["host"]
        self.assertEqual((host["ready"], host["not_ready"], host["store"]["state"]), (True, None, "up"))
        self.assertEqual(host["version"], scanhost("--version").stdout.split()[1])
        self.assertLessEqual(host["started_ms"], host["now_ms"])
        self.assertEqual([scanner["dry_run"] for scanner in document["scanners"]], [False, True, False])
        rare = self.state("cancel_reconciler")
        self.assertGreater(rare["next_cycle_ms"] or 0, host["now_ms"])
        self.assertGreater(self.state("lease_expiry")["last_cycle_at_ms"], host["started_ms"])
        broken = copy.deepcopy(document)
        broken["scanners"][0]["surprise"] = 1
        del broken["host"]["store"]["url"]
        self.assertEqual(len(problems(broken, SCHEMA)), 2)

    def test_of_a_scanner_that_is_paused_and_has_a_level_of_its_own(self):
        self.done("pause", "lease_expiry", "--for", "2h", "--reason", "the queue is moved")
        self.done("log-level", "lease_expiry", "debug")
        scanner = eventually(lambda: self.state("lease_expiry")["next_cycle_ms"] is None and self.state("lease_expiry"),
                             self.log)
        self.assertEqual((scanner["pause"]["reason"], scanner["log_level"]), ("the queue is moved", "debug"))
        self.done("pause", "lease_expiry")
        self.assertIsNone(self.state("lease_expiry")["pause"]["until_ms"])

    def test_of_items_that_fail(self):
        item = "{fp:1}:0f31a8b1-1111-4222-8333-444444440001"
        client = self.client()
        client.must("SET", "ff:exec:{fp:1}:%s:core" % item, "of no use")
        client.must("ZADD", "ff:idx:{fp:1}:lease_expiry", "1000", item)
        scanner = eventually(lambda: self.state("lease_expiry")["items_in_back_off"] and self.state("lease_expiry"),
                             self.log)
        self.assertGreater(scanner["totals"]["errors"], 0)
        self.assertGreater(scanner["oldest_overdue_ms"], 1000)

    def test_of_scanners_that_rest_or_miss_their_functions(self):
        self.client().must("FUNCTION", "FLUSH", "SYNC")
        eventually(lambda: self.state("lease_expiry")["state"] == "functions_missing", self.log)
        self.stop()
        self.write([line[:-1] + ", enabled: auto}" for line in self.scanners])
        self.all_ran = self.has_all_scanners
        self.start()
        eventually(lambda: self.state("lease_expiry")["state"] == "resting", self.log)
        self.assertIn("function", self.state("lease_expiry")["waits_for"])

    def test_of_a_configuration_that_is_refused_with_the_reason_for_its_owner_alone(self):
        accepted = self.document()["host"]["configuration"]
        self.assertEqual((accepted["refused_ms"], accepted["reason"]), (None, None))
        self.write(["lease_expiry: {intervall: 1s}"])
        self.assertEqual(self.ctl("reload").returncode, 78)
        refused = self.document()["host"]["configuration"]
        self.assertEqual(refused["accepted_ms"], accepted["accepted_ms"])
        self.assertGreaterEqual(refused["refused_ms"], refused["accepted_ms"])
        self.assertIn("scanhost.yaml:5: unknown key 'intervall'", refused["reason"])
        seen = self.page_status()["host"]["configuration"]
        self.assertEqual((seen["refused_ms"], seen["reason"]), (refused["refused_ms"], None))
        self.write(self.scanners)
        self.done("reload")
        again = self.document()["host"]["configuration"]
        self.assertEqual((again["refused_ms"], again["reason"]), (None, None))
        self.assertGreater(again["accepted_ms"], refused["refused_ms"] - 1)

    def test_of_a_build_that_is_blocked(self):
        self.new_build("lease_expiry")
        self.done("reload", "lease_expiry")
        self.done("rollback", "lease_expiry")
        self.assertEqual(self.state("lease_expiry")["history"][-1]["outcome"], "rolled_back")
        self.stop()
        for copied in self.folder.rglob("*.so"):
            if self.plugins not in copied.parents:
                copied.unlink()  # so that there is no good build to run instead
        self.all_ran = self.has_all_scanners
        self.start()
        scanner = self.state("lease_expiry")
        self.assertEqual((scanner["blocked"], scanner["state"], scanner["ready"]), (True, "stopped", False))

    def test_of_a_host_that_waits_for_its_store(self):
        self.stop()
        self.address = self.folder / "nobody.sock"
        self.write(self.scanners)
        self.all_ran = lambda: "waiting for the store" in self.log() and self.ctl("status").returncode == 0
        self.start()
        document = self.document()
        self.assertEqual(document["scanners"], [])
        host = document["host"]
        self.assertEqual((host["ready"], host["store"]["state"]), (False, "down"))
        self.assertIn("nobody.sock", host["store"]["detail"])
        self.assertIn("nobody.sock", host["not_ready"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    ctl_test.OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
