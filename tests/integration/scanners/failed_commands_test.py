#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of every scanner fails once: the server refuses it, or carries it out and its answer is lost.

    failed_commands_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

A scan is recorded. Then it is repeated once for each of its commands, which then fails. The failure is
counted, nothing is treated as absent or done twice, and the next cycle brings the store to the state that it would
have had without the failure.
"""

import re

import world
from between import Between
from each_scanner_test import EachScanner
from specimens import WAITS, blocked
from world import SPECIMENS

OF_THE_HOST = {"HELLO", "AUTH", "CLIENT", "SELECT", "COMMAND", "FUNCTION", "TIME", "PING", "INFO", "READONLY"}
WRITES = {"FCALL", "EVAL", "EVALSHA", "HSET", "HDEL", "ZREM", "SREM", "ZREMRANGEBYSCORE"}
# Failures that the contract does not report, since they do not matter or the command is repeated anyway.
IGNORED = {
    "suspension_timeout": ["suspension:current"],  # the core names the waitpoint
    "budget_reset": ["DEL"],  # the claim expires by itself
    "cancel_reconciler": ["ZCARD"],  # then there is no sample of the backlog
    "unblock": ["ZREMRANGEBYSCORE"],  # then more admissions are counted
}


class FailedCommands(EachScanner):
    def setUp(self):
        super().setUp()
        self.between = Between(self.folder, self.address)
        self.addCleanup(self.between.close)
        self.host_address = self.between.address

    def settled(self):
        """The store without times and with streams as their number of entries; without claims, which expire."""
        found = {}
        for key, (kind, value) in self.database().items():
            if not key.endswith(":reset_claim"):
                found[key] = len(value) if kind == "stream" else re.sub(r"\d{13}(\.\d+)?", "T", repr(value))
        return found

    def let_claims_go(self):
        for key in self.client.must("KEYS", "*:reset_claim"):
            self.assertGreater(self.client.must("PTTL", key), 0)
            self.client.must("DEL", key)

    def commands(self):
        """The scanner's own commands in a scan, as texts that find the same command again."""
        texts = []
        for command in self.between.seen:
            name = command[0].upper()
            if name in OF_THE_HOST or "ff:config:partitions" in command:
                continue
            if name == "FCALL" and command[2] == "0":
                continue
            key = command[3] if name in ("FCALL", "EVAL", "EVALSHA") else command[1]
            if key.startswith("ff:") and " " not in key:
                texts.append((name, "%s %s" % (command[0], key)))
        return texts

    def seed_and_sweep(self, scanner, make):
        self.clear()
        make()
        self.between.seen.clear()
        (report,) = self.sweep(scanner)
        return report

    def check(self, scanner, make, fails):
        self.seed_and_sweep(scanner, make)
        expected, texts = self.settled(), self.commands()
        self.assertGreaterEqual(len(texts), 2)
        for number, (name, text) in enumerate(texts):
            later = sum(text == before for _, before in texts[:number])
            with self.subTest(scanner=scanner, failed=text, later=later):
                fails(self, scanner, make, name, text, later)
                self.assertTrue(self.between.done(), "the command was not sent again")
                self.let_claims_go()
                self.sweep(scanner)
                self.assertEqual(self.settled(), expected)

    def refused(self, scanner, make, name, text, later):
        self.between.answer(text, b"-LOADING the server is not ready\r\n", later)
        report = self.seed_and_sweep(scanner, make)
        if not any(ignored in text for ignored in IGNORED.get(scanner, [])):
            self.assertTrue(any("LOADING" in line for line in self.lines()), self.log)
        # Budgets, quotas and workers that cannot be read are reported, and the decision is the contract's.
        if scanner != "unblock" and not any(ignored in text for ignored in IGNORED.get(scanner, [])):
            self.assertGreaterEqual(report["errors"], 1, self.log)

    def lost(self, scanner, make, name, text, later):
        if name not in WRITES:
            return
        self.between.lose(text, later)
        self.seed_and_sweep(scanner, make)

    def test_refused(self):
        for scanner in SPECIMENS:
            if not SPECIMENS[scanner].reported:
                self.check(scanner, lambda: self.seed(scanner, ["item"]), FailedCommands.refused)

    def test_done_and_the_answer_lost(self):
        for scanner in SPECIMENS:
            if not SPECIMENS[scanner].reported:
                self.check(scanner, lambda: self.seed(scanner, ["item"]), FailedCommands.lost)

    def test_refused_while_unblock_judges_a_condition(self):
        for kind in WAITS:
            self.check("unblock", lambda: self.make(blocked(kind, "item")), FailedCommands.refused)


if __name__ == "__main__":
    world.main()
