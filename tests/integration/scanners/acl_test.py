#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every bundled scanner does its work as the least user that `plugin describe --acl` prints, and says which
right it lacks where one is taken away.

    acl_test.py --bin DIR --plugins DIR --root DIR [--server NAME] [unittest arguments]
"""

import contextlib
import json
import re
import subprocess

import hosts
import world
from world import SPECIMENS, Case


class Acl(Case):
    def setUp(self):
        super().setUp()
        self.password = self.folder / "password"
        self.password.write_text("secret", encoding="utf-8")
        self.password.chmod(0o600)
        self.store = ", username: scanhost, password_file: '%s'" % self.password

    def describe(self, *words):
        done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "plugin", "describe", "--acl", *words],
                              capture_output=True, encoding="utf-8", timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def described(self, scanner):
        return json.loads(self.describe(scanner, "--json", "--plugins", str(world.OPTIONS.plugins)))

    def user_of(self, scanner):
        """The words of the command that makes the user, with the password."""
        return self.described(scanner)["command"].replace(">PASSWORD", ">secret").split(" ")

    def become(self, words):
        self.client.must("ACL", "LOG", "RESET")
        self.assertEqual(self.client.must(*words), "OK")

    def denied(self):
        """What the server refused since become()."""
        entries = [dict(zip(entry[::2], entry[1::2])) for entry in self.client.must("ACL", "LOG", "1000")]
        return sorted({entry["object"] for entry in entries})

    def run_as_user(self, scanner, words):
        self.clear()
        self.seed(scanner, ["a", "b"])
        self.become(words)
        (report,) = self.sweep(scanner, store=self.store)
        return report

    def test_every_scanner_works_as_exactly_this_user(self):
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                report = self.run_as_user(scanner, self.user_of(scanner))
                self.assertEqual([name for name in "ab" if not self.done(scanner, name)], [], self.log)
                self.assertEqual(report["errors"], 0, self.log)
                self.assertEqual(self.denied(), [])

    def test_all_scanners_of_a_configuration_work_as_its_user(self):
        file = self.config({scanner: "interval: 1s" for scanner in SPECIMENS}, "lanes: [default]", self.store)
        printed = self.describe("--config", str(file))
        (line,) = [line for line in printed.splitlines() if line.startswith("ACL SETUSER ")]
        words = line.replace(">PASSWORD", ">secret").split(" ")
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                report = self.run_as_user(scanner, words)
                self.assertEqual(report["errors"], 0, self.log)
                self.assertEqual(self.denied(), [])

    def test_a_dry_run_of_all_scanners_needs_no_more_than_its_user(self):
        more = "run: {dry_run: true}"
        file = self.config({scanner: "interval: 1s" for scanner in SPECIMENS}, "lanes: [default]", self.store, more)
        printed = self.describe("--config", str(file))
        (line,) = [line for line in printed.splitlines() if line.startswith("ACL SETUSER ")]
        words = line.replace(">PASSWORD", ">secret").split(" ")
        self.assertIn("+command", words)
        self.assertEqual([word for word in words if word.startswith("~") or word in ("+fcall", "+eval", "+setrange")], [])
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, ["a", "b"])
                self.become(words)
                file = self.config({scanner: "budget: {time: 60s}"}, "", self.store, more)
                report = self.run_once(file, scanner)
                self.assertEqual(report["errors"], 0, self.log)
                self.assertGreater(report["skipped"] + report["processed"], 0, self.log)
                self.assertEqual(self.denied(), [])

    def rights_to_remove(self, scanner):
        """Some commands that it sends; of one scanner all, with those inside its functions."""
        rules = [rule for rule in self.described(scanner)["rules"] if rule["rule"].startswith("+")]
        if scanner == "lease_expiry":
            return [rule["rule"] for rule in rules if not all("the host " in reason for reason in rule["reasons"])]
        sent = [rule["rule"] for rule in rules if any(reason.startswith("sent by") for reason in rule["reasons"])]
        return sent[:3]

    def test_a_right_that_is_missing_is_named_with_the_command_that_grants_it(self):
        names_user = self.server_names_users()
        for scanner in SPECIMENS:
            words, needed = self.user_of(scanner), 0
            for right in self.rights_to_remove(scanner):
                with self.subTest(scanner=scanner, right=right):
                    self.run_without(scanner, words, right)
                    if not self.denied() or "errors=0" in self.log:
                        continue  # this item does not need it, or only would like to have it
                    needed += 1
                    self.assertIn("ACL SETUSER ", self.log)
                    if names_user or "executing the script" not in self.log:
                        self.assertIn(" %s" % right, self.log)
            self.assertGreater(needed, 0, scanner)

    def run_without(self, scanner, words, right):
        self.clear()
        self.seed(scanner, ["a"])
        self.become([word for word in words if word != right])
        file = self.config({scanner: "drain: false"}, "", self.store)
        run = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--cycles", "1", "--scanner", scanner,
                              "--json", "--config", str(file)], capture_output=True, encoding="utf-8",
                             errors="replace", timeout=120, stdin=subprocess.DEVNULL, check=False)
        self.log = run.stderr

    def server_names_users(self):
        """Whether its NOPERM errors name the user and, inside scripts, the command: since Redis 7.2."""
        information = self.client.must("INFO", "server")
        version = [line for line in information.splitlines() if line.startswith("redis_version:")][0].split(":")[1]
        return tuple(int(part) for part in version.split(".")[:2]) >= (7, 2)

    def probes(self):
        """How many of the host's probes the server has run since CONFIG RESETSTAT."""
        found = re.search(r"cmdstat_setrange:calls=(\d+)", self.client.must("INFO", "commandstats"))
        return int(found.group(1)) if found else 0

    def test_the_end_of_a_state_of_the_store_is_noticed_with_exactly_these_rights(self):
        scanner = "lease_expiry"
        self.clear()
        self.become(self.user_of(scanner))
        host = hosts.Host(self.folder / "host", self.address, 100, [scanner], store=self.store)
        self.addCleanup(host.kill)
        self.assertEqual(host.command("ctl", "pause", scanner)[0], 0)
        self.seed(scanner, ["a"])
        self.client.must("CONFIG", "RESETSTAT")
        self.client.must("CONFIG", "SET", "maxmemory", "1")
        self.addCleanup(self.client.must, "CONFIG", "SET", "maxmemory", "0")
        self.assertEqual(host.command("ctl", "resume", scanner)[0], 0)
        hosts.until(lambda: host.scanners()[0]["store_troubles"], 30, "the scanner meets the state")
        self.client.must("CONFIG", "SET", "maxmemory", "0")
        hosts.until(self.probes, 30, "the server runs a probe")
        hosts.until(lambda: self.done(scanner, "a"), 30, "the item is done")
        self.assertEqual(self.denied(), [])

    def test_a_plugin_that_is_missing_and_a_missing_name_have_exit_codes_of_their_own(self):
        for words, code in ((["nobody.so"], 66), ([], 64)):
            done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "plugin", "describe", "--acl", *words],
                                  capture_output=True, encoding="utf-8", timeout=60, check=False)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_without_the_keys_the_missing_pattern_is_named(self):
        scanner = "lease_expiry"
        words = [word for word in self.user_of(scanner) if not word.startswith("~")] + ["~other:*", "%R~ff:config:*"]
        self.run_without(scanner, words, None)
        self.assertIn("ACL SETUSER", self.log)
        self.assertIn("~KEY", self.log)


class Rotation(Case):
    """A host works while its password changes twice."""

    def test_no_command_fails_and_no_connection_is_made_anew(self):
        password = self.folder / "password"

        def write(text):
            password.write_text(text, encoding="utf-8")
            password.chmod(0o600)

        def user(*changes):
            self.client.must("ACL", "SETUSER", "sweeper", "on", "+@all", "~*", "&*", *changes)

        user(">alpha-secret")
        write("alpha-secret")
        scanner = "lease_expiry"
        with self.host(scanner, ", username: sweeper, password_file: '%s'" % password) as host:
            names = iter("item-%d" % number for number in range(10000))
            for old, new in (("alpha-secret", "beta-secret"), ("beta-secret", "gamma-secret")):
                user(">" + new)
                self.client.must("CONFIG", "RESETSTAT")
                write(new)
                self.until(lambda: self.logins() >= 1, lambda: self.seed(scanner, [next(names)]))
                user("<" + old)
                last = next(names)
                self.seed(scanner, [last])
                self.until(lambda: self.done(scanner, last), lambda: None)
            (status,) = host.scanners()
            self.assertEqual((status["totals"]["errors"], status["store"]["reconnects"]), (0, 0), status)
        log = (self.folder / "host" / "log").read_text(encoding="utf-8")
        self.assertNotIn("secret", log)

    @contextlib.contextmanager
    def host(self, scanner, store):
        host = hosts.Host(self.folder / "host", self.address, 100, [scanner], store=store)
        try:
            yield host
        finally:
            host.end()

    def logins(self):
        line = [line for line in self.client.must("INFO", "commandstats").splitlines() if "cmdstat_auth:" in line]
        return int(line[0].split("calls=")[1].split(",")[0]) if line else 0

    def until(self, condition, act):
        hosts.until(lambda: (act(), condition())[1], 30, "the condition")


if __name__ == "__main__":
    world.main()
