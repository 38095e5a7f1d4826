#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built host with a store over TLS, as its users see it: commands, exit codes, messages, certificates that change.

    tls_test.py --bin DIR --plugins DIR [unittest arguments]
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "support")]

from certificates import Authority, open_tls_port, use_certificate  # noqa: E402
from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 30


def scanhost(*arguments):
    return subprocess.run([str(OPTIONS.bin / "scanhost"), *map(str, arguments)], capture_output=True, encoding="utf-8",
                          timeout=60, stdin=subprocess.DEVNULL)


def eventually(check, what):
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError("did not happen within %d s: %s" % (PATIENCE_S, what()))
        time.sleep(0.02)


class Case(unittest.TestCase):
    """A server that speaks TLS, with the functions on it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-tls-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.client = resources.enter_context(connect(resources.enter_context(private_server(OPTIONS.server))))
        self.authority = Authority(self.folder, "ca")
        self.port = open_tls_port(self.client, self.authority)
        self.file = self.folder / "scanhost.yaml"
        self.write("ca_file: ca.pem")
        self.assertEqual(scanhost("functions", "install", "--config", self.file).returncode, 0)

    def write(self, tls, scheme="rediss", more=""):
        self.file.write_text("\n".join([
            "store:", "  url: %s://localhost:%d" % (scheme, self.port), "  tls:",
            *("    " + line for line in tls.splitlines()), more,
            "plugins: {path: ['%s'], staging: staging, watch: false}" % OPTIONS.plugins,
            "admin: {listen: none, socket: control.sock}",
            "scanners: {lease_expiry: {interval: 100ms}, cancel_reconciler: {interval: 100ms}}", ""]), encoding="utf-8")

    def once(self):
        return scanhost("run", "--once", "--config", self.file)


class Commands(Case):
    def test_the_functions_are_installed_and_seen_over_tls(self):
        done = scanhost("functions", "status", "--config", self.file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_runs_over_tls(self):
        done = self.once()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_server_that_is_not_trusted_ends_with_69_and_says_what_to_do(self):
        Authority(self.folder, "other")
        self.write("ca_file: other.pem")
        done = self.once()
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("issued by CN=ca, which is not trusted here; set store.tls.ca_file", done.stderr)

    def test_a_server_of_another_name_ends_with_69_and_says_what_to_do(self):
        self.write("ca_file: ca.pem\nserver_name: db.example")
        done = self.once()
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("the server's certificate is for localhost, 127.0.0.1, not for db.example", done.stderr)

    def test_a_server_that_is_not_checked_is_a_warning(self):
        self.write("insecure: true")
        done = self.once()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("store.tls.insecure: the server's certificate is not checked", done.stderr)
        self.assertIn("scanhost.yaml:4: store.tls.insecure", scanhost("check-config", self.file).stderr)

    def test_check_config_names_a_file_that_cannot_be_used_and_nothing_of_a_key(self):
        certificate, key = self.authority.issue("client")
        key.write_text(key.read_text()[:80])
        self.write("cert_file: client.pem\nkey_file: client.key")
        done = scanhost("check-config", self.file)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("scanhost.yaml:5: store.tls.key_file: %s: the private key cannot be read" % key, done.stderr)
        self.assertNotIn(key.read_text().splitlines()[1][:12], done.stderr)

    def test_a_password_is_used_and_never_shown(self):
        self.client.must("CONFIG", "SET", "requirepass", "s3cr3t-of-the-store")
        password = self.folder / "password"
        password.write_text("s3cr3t-of-the-store\n")
        password.chmod(0o600)
        self.write("ca_file: ca.pem", more="  password_file: password")
        self.assertEqual(self.once().returncode, 0)
        self.client.must("CONFIG", "SET", "requirepass", "another-s3cr3t")
        done = self.once()
        self.assertIn(done.returncode, (69, 77))
        self.assertNotIn("s3cr3t", done.stdout + done.stderr)


class Rotation(Case):
    def setUp(self):
        super().setUp()
        log = open(self.folder / "log", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        self.process = subprocess.Popen([str(OPTIONS.bin / "scanhost"), "run", "--config", str(self.file)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        eventually(lambda: self.status() and all(scanner["cycles"] > 0 for scanner in self.status()), self.log)

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def ctl(self, *words):
        return scanhost("ctl", *words, "--socket", self.folder / "control.sock")

    def status(self):
        done = self.ctl("status", "--json")
        return json.loads(done.stdout)["scanners"] if done.returncode == 0 else []

    def rotate(self):
        """The server gets a certificate of a new authority, and the host the authority: both keep their files' names."""
        successor = Authority(self.folder, "next")
        use_certificate(self.client, *successor.issue("server"))
        successor.file.replace(self.authority.file)

    def cycles_pass(self):
        before = {scanner["name"]: scanner["cycles"] for scanner in self.status()}
        eventually(lambda: all(scanner["cycles"] >= before[scanner["name"]] + 3 for scanner in self.status()), self.log)

    def test_connections_that_are_lost_come_back_with_the_new_files(self):
        self.rotate()
        self.client.must("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        eventually(lambda: self.log().count("connected again") >= 1, self.log)
        self.cycles_pass()
        self.assertNotIn("not trusted", self.log())

    def test_a_reload_replaces_the_connections_that_exist_without_a_gap(self):
        done = self.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([scanner["generation"] for scanner in self.status()], [1, 1], "nothing has changed")
        self.rotate()
        self.cycles_pass()
        done = self.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("store: tls", done.stdout)
        eventually(lambda: [scanner["generation"] for scanner in self.status()] == [2, 2], self.log)
        self.cycles_pass()
        self.assertNotIn("retrying", self.log())
        self.assertEqual([scanner["totals"]["errors"] for scanner in self.status()], [0, 0], self.log())

    def test_a_reload_with_a_file_that_cannot_be_used_changes_nothing(self):
        self.authority.file.write_text("half")
        done = self.ctl("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("store.tls.ca_file: %s" % self.authority.file, done.stdout + done.stderr)
        self.cycles_pass()


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
