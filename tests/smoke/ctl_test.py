#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A running host as its operator controls it: `scanhost ctl` over the control socket, and the page's buttons.

    ctl_test.py --bin DIR --plugins DIR [unittest arguments]
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import pwd
import re
import shlex
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "contract"), str(HERE.parent / "support")]

from ports import free_port  # noqa: E402
from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 60
USER = pwd.getpwuid(os.geteuid()).pw_name


def scanhost(*arguments):
    return subprocess.run([str(OPTIONS.bin / "scanhost"), *map(str, arguments)], capture_output=True,
                          encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL)


def eventually(check, what):
    """Waits until check() returns a true value, and returns it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not happen within %d s: %s" % (PATIENCE_S, what() if callable(what) else what))


class Host(unittest.TestCase):
    """A host with two scanners that cycle quickly and one that hardly ever does, on its own copies of the plugins."""

    scanners = ("lease_expiry: {interval: 100ms}", "delayed_promoter: {interval: 100ms}",
                "cancel_reconciler: {interval: 1d}")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-ctl-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.address = resources.enter_context(private_server(OPTIONS.server))
        resources.enter_context(connect(self.address))
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir()
        for name in ("lease_expiry.so", "delayed_promoter.so", "cancel_reconciler.so", "flowfabric.lua"):
            shutil.copy(OPTIONS.plugins / name, self.plugins / name)
            (self.plugins / name).chmod(0o644)
        self.socket = self.folder / "control.sock"
        self.file = self.folder / "scanhost.yaml"
        self.write(self.scanners)
        done = scanhost("functions", "install", "--config", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.start()

    def write(self, scanners, plugins="", admin="listen: '127.0.0.1:0'"):
        """Writes the configuration; the host does not watch its files."""
        self.file.write_text("\n".join([
            "store: {url: 'unix://%s'}" % self.address,
            "plugins: {path: ['%s'], staging: '%s', watch: false%s}" % (self.plugins, self.folder / "staging", plugins),
            "admin: {%s, socket: control.sock}" % admin, "scanners:", *("  " + line for line in scanners), ""]),
            encoding="utf-8")

    def start(self):
        log = open(self.folder / "log", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        self.process = subprocess.Popen(
            [str(OPTIONS.bin / "scanhost"), "run", "--config", str(self.file), "--log-format", "human"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        eventually(self.all_ran, self.log)

    def all_ran(self):
        self.assertIsNone(self.process.poll(), self.log())
        if not self.socket.exists():
            return False
        done = self.ctl("status", "--json")
        if done.returncode != 0:
            return False
        scanners = json.loads(done.stdout)["scanners"]
        return len(scanners) == len(self.scanners) and all(
            scanner["cycles"] > 0 or scanner["name"] == "cancel_reconciler" for scanner in scanners)

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def ctl(self, *words):
        return scanhost("ctl", *words, "--socket", self.socket)

    def done(self, *words):
        """Runs a command that must succeed, and returns its output."""
        done = self.ctl(*words)
        self.assertEqual(done.returncode, 0, "%s: %s%s\n%s" % (words, done.stdout, done.stderr, self.log()))
        return done.stdout

    def status(self, name):
        scanners = json.loads(self.done("status", "--json"))["scanners"]
        return next(scanner for scanner in scanners if scanner["name"] == name)

    def cycles_pass(self, name, more=3):
        first = self.status(name)["cycles"]
        eventually(lambda: self.status(name)["cycles"] >= first + more, "cycles of " + name)

    def new_build(self, name, more=b"\0"):
        """Another file with the same code: nothing reads what follows the last section."""
        fresh = self.plugins / ("." + name + ".new")
        fresh.write_bytes((self.plugins / (name + ".so")).read_bytes() + more)
        fresh.chmod(0o644)
        fresh.rename(self.plugins / (name + ".so"))


class WithoutAPlace(unittest.TestCase):
    """A user who is not root and has no XDG_RUNTIME_DIR, as after `su` and in many containers."""

    nobody = 65534

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-ctl-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        shutil.copy(OPTIONS.plugins / "lease_expiry.so", self.folder / "lease_expiry.so")
        (self.folder / "lease_expiry.so").chmod(0o644)
        self.file = self.folder / "scanhost.yaml"
        # Nobody listens there: the host waits for its store.
        self.file.write_text("store: {url: 'unix://%s/none.sock'}\nplugins: {path: ['%s'], watch: false}\n"
                             "admin: {listen: none}\nscanners: {lease_expiry: {}}\n" % (self.folder, self.folder))
        self.user = {}
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, self.nobody, self.nobody)
            self.user = {"user": self.nobody, "group": self.nobody, "extra_groups": []}

    def started(self, *words, log):
        environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
        return subprocess.Popen([str(OPTIONS.bin / "scanhost"), *words, "--config", str(self.file)], env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, **self.user)

    def test_the_host_and_ctl_say_why_there_is_no_control_socket(self):
        with open(self.folder / "log", "wb") as log, open(self.folder / "problem", "wb") as problem:
            try:
                host = self.started("run", "--log-format", "human", log=log)
            except PermissionError:
                self.skipTest("another user may not run this build")
            self.addCleanup(host.wait)
            self.addCleanup(host.kill)
            text = (self.folder / "log").read_text
            eventually(lambda: "waiting for the store" in text(), text)
            self.assertIn("this host has no control socket", text())
            self.assertIn("set XDG_RUNTIME_DIR", text())
            self.assertIn(self.started("ctl", "status", log=problem).wait(60), (69, 77))
        problem = (self.folder / "problem").read_text()
        self.assertIn("a host of your own has no control socket", problem)
        self.assertIn("admin.socket in the configuration", problem)


class Status(Host):
    def test_prints_the_host_a_table_and_json(self):
        text = eventually(lambda: (text := self.done("status")) and "3 ready" in text and text, self.log)
        host, table = text.split("\n\n")[:2]
        version = scanhost("--version").stdout.strip()
        self.assertRegex(host, r"^host +%s, up \d+m?s, at \S+Z\nstore +unix://%s, up\nconfiguration +accepted \S+Z\n"
                               r"scanners +3, 3 ready$" % (re.escape(version), re.escape(str(self.address))))
        lines = table.splitlines()
        self.assertEqual(lines[0].split(),
                         ["SCANNER", "STATE", "RATE", "OVERDUE", "BACK-OFF", "ERRORS", "NEXT", "NOTE"])
        self.assertEqual([line.split()[0] for line in lines[1:]],
                         ["lease_expiry", "delayed_promoter", "cancel_reconciler"])
        self.assertNotIn("\x1b", text, "colours are for terminals")
        scanner = self.status("lease_expiry")
        self.assertEqual((scanner["generation"], scanner["paused"], len(scanner["sha256"])), (1, False, 64))

    def test_prints_all_about_one_scanner(self):
        text = self.done("status", "lease_expiry")
        sha256 = self.status("lease_expiry")["sha256"]
        self.assertRegex(text, r"\nscanner +lease_expiry\n")
        self.assertRegex(text, r"\ngeneration +1, build %s, since \S+Z\n" % sha256[:12])
        self.assertNotIn("delayed_promoter", text)
        scanners = json.loads(self.done("status", "lease_expiry", "--json"))["scanners"]
        self.assertEqual([scanner["name"] for scanner in scanners], ["lease_expiry"])
        done = self.ctl("status", "lease_expirey")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("lease_expirey: no such scanner; did you mean 'lease_expiry'?", done.stderr)

    def test_says_that_a_configuration_is_refused_until_it_is_accepted(self):
        self.write(["lease_expiry: {intervall: 1s}"])
        self.assertEqual(self.ctl("reload").returncode, 78)
        self.assertRegex(self.done("status"), r"\nconfiguration +REFUSED \S+Z, that of \S+Z stays in force: "
                                              r".*scanhost\.yaml:5: unknown key 'intervall'")
        self.write(self.scanners)
        self.done("reload")
        self.assertRegex(self.done("status"), r"\nconfiguration +accepted \S+Z\n")

    def test_prints_the_history_when_asked(self):
        self.assertNotIn("OUTCOME", self.done("status"))
        self.assertRegex(self.done("status", "--history"), r"lease_expiry +\S+Z +1 +started +[0-9a-f]{12} ")

    def test_finds_the_socket_through_the_configuration(self):
        done = scanhost("ctl", "status", "--config", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_socket_is_for_its_owner_alone_and_goes_with_the_host(self):
        status = os.lstat(self.socket)
        self.assertTrue(stat.S_ISSOCK(status.st_mode))
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(30), 0, self.log())
        self.assertFalse(self.socket.exists())
        self.assertEqual(self.ctl("status").returncode, 69)

    def test_a_second_host_does_not_take_the_socket_over(self):
        done = scanhost("run", "--config", self.file)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("belongs to a host that is running", done.stderr)
        self.done("status")

    def test_a_killed_host_leaves_a_socket_that_the_next_one_replaces(self):
        self.process.kill()
        self.process.wait()
        self.assertTrue(self.socket.exists())
        done = self.ctl("status")
        self.assertEqual(done.returncode, 69)
        self.assertIn("has ended", done.stderr)
        self.start()


class Watch(Host):
    """`ctl status --watch`, on a terminal and on a pipe."""

    first_frame = b"\x1b[2J\x1b[H\x1b[?7l"

    def watch(self, output, *words, **environment):
        process = subprocess.Popen(
            [str(OPTIONS.bin / "scanhost"), "ctl", "status", *words, "--socket", str(self.socket)],
            env={**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, "TERM": "xterm",
                 **environment},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def on_terminal(self, *words, **environment):
        """The process, and a function that returns all that it has written to its terminal so far."""
        control, terminal = pty.openpty()
        self.addCleanup(os.close, control)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        process = self.watch(terminal, *words, **environment)
        os.close(terminal)
        os.set_blocking(control, False)
        seen = bytearray()

        def read():
            with contextlib.suppress(OSError):  # nothing is there yet, or the other end is closed
                while more := os.read(control, 65536):
                    seen.extend(more)
            return bytes(seen)
        return process, read

    def test_redraws_a_terminal_until_it_is_interrupted(self):
        process, seen = self.on_terminal("--watch", "100ms")
        eventually(lambda: seen().count(b"\x1b[J\x1b[?7h") >= 3, seen)
        self.assertTrue(seen().startswith(self.first_frame), seen())
        self.assertEqual(seen().count(b"\x1b[2J"), 1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        eventually(lambda: seen().endswith(b"\x1b[?7h\r\n"), seen)

    def test_prints_again_and_again_to_a_pipe(self):
        process = self.watch(subprocess.PIPE, "--watch", "100ms")
        self.addCleanup(process.stdout.close)
        heads = 0
        while heads < 3:
            line = process.stdout.readline()
            self.assertNotEqual(line, b"")
            self.assertNotIn(b"\x1b", line)
            heads += line.startswith(b"SCANNER ")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)

    def test_ends_with_69_when_the_host_goes_away(self):
        process, seen = self.on_terminal("--watch", "100ms")
        eventually(lambda: b"lease_expiry" in seen(), seen)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(60), 0, self.log())
        self.assertEqual(process.wait(60), 69)
        self.assertIn(b"scanhost: ", process.stderr.read())
        self.assertTrue(seen().endswith(b"\x1b[?7h"), seen())

    def test_colours_are_for_terminals_that_want_them(self):
        self.done("pause", "lease_expiry")
        for environment, colored in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            process, seen = self.on_terminal(**environment)
            self.assertEqual(process.wait(60), 0)
            eventually(lambda: b"cancel_reconciler" in seen(), seen)
            self.assertEqual(b"\x1b[33mpaused\x1b[m" in seen(), colored, environment)

    def test_is_refused_with_json_and_with_a_time_that_is_too_short(self):
        done = self.ctl("status", "--watch", "--json")
        self.assertEqual(done.returncode, 64)
        self.assertIn("--watch is for people", json.loads(done.stdout)["message"])
        done = self.ctl("status", "--watch", "10ms")
        self.assertEqual(done.returncode, 64)
        self.assertIn("must be at least 100ms", done.stderr)


class LogLevel(Host):
    def cycle_lines(self, name):
        return self.log().count("scanner=%s cycle=" % name)

    def test_is_changed_for_one_scanner_until_it_is_set_back(self):
        self.assertEqual(self.cycle_lines("lease_expiry"), 0)
        self.assertEqual(self.done("log-level", "lease_expiry", "trace"), "lease_expiry logs from trace on\n")
        eventually(lambda: self.cycle_lines("lease_expiry") > 2, self.log)
        self.assertEqual(self.cycle_lines("delayed_promoter"), 0)
        self.assertEqual(self.status("lease_expiry")["log_level"], "trace")
        self.assertIsNone(self.status("delayed_promoter")["log_level"])
        self.assertIn("log level trace", self.done("status"))
        self.assertEqual(self.done("log-level", "lease_expiry", "default"), "lease_expiry logs as configured\n")
        written = self.cycle_lines("lease_expiry")
        self.cycles_pass("lease_expiry")
        self.assertLessEqual(self.cycle_lines("lease_expiry"), written + 1)

    def test_comes_from_the_configuration_without_a_new_generation(self):
        self.write(("lease_expiry: {interval: 100ms, log_level: trace}", *self.scanners[1:]))
        self.assertIn("lease_expiry  adjusted  log_level (none) -> trace", self.done("plan"))
        self.assertIn("adjusted", self.done("reload"))
        eventually(lambda: self.cycle_lines("lease_expiry") > 2, self.log)
        status = self.status("lease_expiry")
        self.assertEqual((status["generation"], status["log_level"]), (1, "trace"))
        self.assertIn("nothing changes", self.done("plan"))

    def test_is_refused_if_there_is_no_such_level_or_scanner(self):
        done = self.ctl("log-level", "lease_expiry", "loud")
        self.assertEqual(done.returncode, 64)
        self.assertIn("there is no level loud; use trace, debug, info, warn, error or off, or default", done.stderr)
        done = self.ctl("log-level", "nobody", "debug")
        self.assertEqual(done.returncode, 64)
        self.assertIn("nobody: no such scanner", done.stderr)
        self.assertEqual(self.ctl("log-level", "lease_expiry").returncode, 64)


class Pause(Host):
    def test_rests_until_resume_while_the_others_go_on(self):
        self.done("pause", "lease_expiry")
        rested = eventually(lambda: self.status("lease_expiry")["state"] == "waiting" and self.status("lease_expiry"),
                            "rest")
        self.assertTrue(rested["paused"])
        self.cycles_pass("delayed_promoter")
        self.assertEqual(self.status("lease_expiry")["cycles"], rested["cycles"])
        self.assertFalse(self.status("delayed_promoter")["paused"])
        self.done("resume", "lease_expiry")
        self.cycles_pass("lease_expiry")
        self.assertFalse(self.status("lease_expiry")["paused"])

    def test_means_all_of_them_without_a_name(self):
        names = ["lease_expiry", "delayed_promoter", "cancel_reconciler"]
        self.done("pause")
        self.assertEqual([self.status(name)["paused"] for name in names], [True] * 3)
        self.done("resume")
        self.assertEqual([self.status(name)["paused"] for name in names], [False] * 3)
        self.cycles_pass("lease_expiry")

    def test_without_a_name_lists_the_scanners_and_how_to_undo_it(self):
        self.assertEqual(self.done("pause"), "lease_expiry paused\ndelayed_promoter paused\ncancel_reconciler paused\n"
                                             "all scanners are paused; scanhost ctl resume ends that\n")

    def test_says_who_paused_when_why_and_until_when(self):
        before_ms = time.time() * 1000
        answer = self.done("pause", "lease_expiry", "--for", "2h", "--reason", "50% of \u00e9 & more?")
        self.assertRegex(answer, r"^lease_expiry paused until \S+Z\n$")
        pause = self.status("lease_expiry")["pause"]
        self.assertEqual((pause["by"], pause["reason"]), (USER, "50% of \u00e9 & more?"))
        self.assertTrue(before_ms - 1 <= pause["at_ms"] <= time.time() * 1000 + 1, pause)
        self.assertEqual(pause["until_ms"] - pause["at_ms"], 7_200_000)
        self.assertIsNone(self.status("delayed_promoter")["pause"])
        line = r"paused by %s since \S+Z until \S+Z: 50%% of \u00e9 & more\?\n" % USER
        self.assertRegex(self.done("status"), "lease_expiry is " + line)
        self.assertRegex(self.log(), r"scanner=lease_expiry " + line)
        self.done("resume", "lease_expiry")
        self.assertIn("scanner=lease_expiry resumed by %s\n" % USER, self.log())
        self.assertIsNone(self.status("lease_expiry")["pause"])
        self.assertNotIn("is paused", self.done("status"))

    def test_is_refused_with_a_time_or_a_reason_that_cannot_be(self):
        for words, problem in ((("--for", "soon"), "for: "), (("--for", "366d"), "for: must be from 1s to 365d"),
                               (("--reason", "x" * 201), "at most 200"), (("--reason", "a\nb"), "one line"),
                               (("--reason", ""), "reason: is empty")):
            done = self.ctl("pause", "lease_expiry", *words)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(problem, done.stderr)
        self.assertFalse(self.status("lease_expiry")["paused"])

    def test_ends_by_itself_when_its_time_is_over(self):
        self.done("pause", "lease_expiry", "--for", "1s", "--reason", "a moment")
        self.assertTrue(self.status("lease_expiry")["paused"])
        eventually(lambda: not self.status("lease_expiry")["paused"], self.log)
        self.cycles_pass("lease_expiry")
        self.assertRegex(self.log(), r"scanner=lease_expiry resumed: the time is over for which it was paused by .*: a moment")
        eventually(lambda: json.loads(self.kept().read_text(encoding="utf-8")) == {}, self.log)

    def test_lasts_over_a_restart(self):
        self.done("pause", "lease_expiry", "--reason", "the queue is moved")
        pause = self.status("lease_expiry")["pause"]
        self.restart(signal.SIGKILL)  # the answer means that it is on disk
        after = self.status("lease_expiry")
        self.assertEqual((after["paused"], after["pause"]), (True, pause))
        self.cycles_pass("delayed_promoter")
        self.assertEqual(self.status("lease_expiry")["cycles"], 0)
        self.done("resume", "lease_expiry")
        self.cycles_pass("lease_expiry")
        self.restart(signal.SIGTERM)
        self.assertFalse(self.status("lease_expiry")["paused"])
        self.cycles_pass("lease_expiry")

    def test_that_is_over_when_the_host_starts_again_does_not_hold(self):
        self.done("pause", "lease_expiry", "--for", "1s")
        self.stop(signal.SIGKILL)
        entry = json.loads(self.kept().read_text(encoding="utf-8"))
        pause = next(iter(entry.values()))["lease_expiry"]
        eventually(lambda: time.time() * 1000 > pause["until_ms"], "its end")
        self.start_again()
        self.cycles_pass("lease_expiry")
        self.assertIn("the time is over for which it was paused", self.log())
        eventually(lambda: json.loads(self.kept().read_text(encoding="utf-8")) == {}, self.log)

    def test_holds_for_a_scanner_that_a_reload_removes_and_adds_again(self):
        self.done("pause", "lease_expiry", "--reason", "why")
        self.write(self.scanners[1:])
        note = "lease_expiry is not in the configuration or not enabled; it will start paused if it comes back"
        self.assertIn(note, self.done("plan"))
        self.assertIn(note, self.done("reload"))
        self.write(self.scanners)
        self.assertRegex(self.done("plan"), r"lease_expiry starts paused by .*: why")
        self.assertRegex(self.done("reload"), r"lease_expiry starts paused by .*: why")
        self.cycles_pass("delayed_promoter")
        now = self.status("lease_expiry")
        self.assertEqual((now["paused"], now["pause"]["reason"], now["cycles"]), (True, "why", 0))

    def test_of_a_scanner_that_is_not_there_can_be_ended(self):
        self.done("pause", "lease_expiry", "cancel_reconciler")
        self.write(self.scanners[1:2])
        self.done("reload")
        self.assertEqual(self.done("resume", "lease_expiry"), "lease_expiry resumed; there is no such scanner at present\n")
        self.assertEqual(self.ctl("resume", "lease_expiry").returncode, 64)
        self.assertIn("cancel_reconciler resumed", self.done("resume"))
        self.assertEqual(json.loads(self.kept().read_text(encoding="utf-8")), {})

    def test_shows_no_secret_that_was_pasted_into_its_reason(self):
        password = self.folder / "password"
        password.write_text("correct-horse\n", encoding="utf-8")
        password.chmod(0o600)
        text = self.file.read_text(encoding="utf-8")
        self.file.write_text(text.replace("store: {", "store: {username: default, password_file: '%s', " % password),
                             encoding="utf-8")
        self.done("reload")
        self.done("pause", "lease_expiry", "--reason", "the password is correct-horse")
        self.assertEqual(self.status("lease_expiry")["pause"]["reason"], "the password is ***")
        for shown in (self.log(), self.done("status"), self.kept().read_text(encoding="utf-8")):
            self.assertNotIn("correct-horse", shown)

    def test_that_cannot_be_kept_says_so_and_holds_until_the_restart(self):
        self.kept().unlink(missing_ok=True)
        self.kept().mkdir()
        done = self.ctl("pause", "lease_expiry")
        self.assertEqual(done.returncode, 71, done.stderr)
        self.assertIn("lease_expiry paused", done.stderr)
        self.assertIn("this will not last over a restart of the host: ", done.stderr)
        self.assertTrue(self.status("lease_expiry")["paused"])
        self.kept().rmdir()
        self.done("pause", "lease_expiry")
        self.restart(signal.SIGKILL)
        self.assertTrue(self.status("lease_expiry")["paused"])

    def test_a_file_that_cannot_be_parsed_is_moved_aside(self):
        self.done("pause", "lease_expiry")
        self.stop(signal.SIGTERM)
        self.kept().write_text("{\"half", encoding="utf-8")
        self.start_again()
        self.assertIn("pauses.json: cannot be parsed", self.log())
        self.assertEqual(len(list(self.kept().parent.glob("pauses.json.bad-*"))), 1)
        self.cycles_pass("lease_expiry")
        self.done("pause", "lease_expiry")
        self.assertIn("lease_expiry", self.kept().read_text(encoding="utf-8"))

    def kept(self):
        return self.folder / "staging" / "pauses.json"

    def stop(self, number):
        self.process.send_signal(number)
        self.process.wait(30)

    def start_again(self):
        """Waits for a scanner that is never paused here."""
        self.socket.unlink(missing_ok=True)
        self.all_ran = lambda: self.socket.exists() and self.ctl("status").returncode == 0 and len(
            json.loads(self.done("status", "--json"))["scanners"]) == len(self.scanners)
        self.start()

    def restart(self, number):
        self.stop(number)
        self.start_again()

    def test_refuses_a_name_that_is_not_there_and_changes_nothing(self):
        done = self.ctl("pause", "lease_expiry", "nobody")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nobody", done.stderr)
        self.assertFalse(self.status("lease_expiry")["paused"])

    def test_run_now_starts_a_cycle_that_would_come_much_later(self):
        eventually(lambda: self.status("cancel_reconciler")["state"] == "waiting", "waiting")
        for _ in range(2):
            before = self.status("cancel_reconciler")["cycles"]
            self.done("run-now", "cancel_reconciler")
            eventually(lambda: self.status("cancel_reconciler")["cycles"] > before, "a cycle")  # noqa: B023


class Reload(Host):
    def test_takes_a_new_build_of_the_named_scanner(self):
        before = self.status("lease_expiry")
        self.new_build("lease_expiry")
        self.new_build("delayed_promoter")
        self.done("reload", "lease_expiry")
        after = self.status("lease_expiry")
        self.assertEqual(after["generation"], before["generation"] + 1)
        self.assertNotEqual(after["sha256"], before["sha256"])
        self.assertEqual(after["history"][-1]["outcome"], "reloaded")
        self.assertEqual(self.status("delayed_promoter")["generation"], 1)
        self.cycles_pass("lease_expiry")

    def test_without_a_name_takes_all_new_builds(self):
        self.new_build("lease_expiry")
        self.new_build("delayed_promoter")
        self.done("reload")
        self.assertEqual([self.status(name)["generation"] for name in ("lease_expiry", "delayed_promoter")], [2, 2])

    def test_does_nothing_when_nothing_has_changed(self):
        self.done("reload")
        self.assertEqual(self.status("lease_expiry")["generation"], 1)

    def test_keeps_the_old_build_when_the_new_one_is_broken_and_says_why(self):
        (self.plugins / "lease_expiry.so").write_text("not a library")
        done = self.ctl("reload", "lease_expiry")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lease_expiry", done.stderr)
        self.assertEqual(self.status("lease_expiry")["generation"], 1)
        self.cycles_pass("lease_expiry")

    def test_rolls_back_by_hand(self):
        before = self.status("lease_expiry")
        self.new_build("lease_expiry")
        self.done("reload", "lease_expiry")
        self.done("rollback", "lease_expiry")
        after = self.status("lease_expiry")
        self.assertEqual(after["sha256"], before["sha256"])
        self.assertGreater(after["generation"], before["generation"])
        self.assertEqual(after["history"][-1]["outcome"], "rolled_back")

    def test_applies_a_changed_configuration_live_after_a_plan(self):
        self.write(["lease_expiry: {interval: 150ms}", "delayed_promoter: {interval: 100ms}"])
        plan = self.done("plan")
        for name in ("lease_expiry", "cancel_reconciler"):
            self.assertIn(name, plan)
        self.assertEqual(self.status("lease_expiry")["interval_ms"], 100, "a plan changes nothing")
        self.done("reload")
        self.assertEqual(self.status("lease_expiry")["interval_ms"], 150)
        names = [scanner["name"] for scanner in json.loads(self.done("status", "--json"))["scanners"]]
        self.assertEqual(names, ["lease_expiry", "delayed_promoter"])
        self.cycles_pass("lease_expiry")

    def test_changes_nothing_for_a_configuration_with_mistakes_and_names_their_lines(self):
        self.write(["lease_expiry: {intervall: 1s}"])
        for command in ("plan", "reload"):
            done = self.ctl(command)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("scanhost.yaml:5: unknown key 'intervall'", done.stderr)
        self.cycles_pass("delayed_promoter")


class Socket(Host):
    """The control socket without scanhost ctl: curl, as README shows it."""

    def curl(self, *words):
        done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(PATIENCE_S),
                               "--unix-socket", str(self.socket), *words], capture_output=True, encoding="utf-8",
                              timeout=2 * PATIENCE_S, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_readme_shows_what_works(self):
        readme = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
        lines = [shlex.split(line)[1:] for line in readme.splitlines() if line.startswith("    curl --unix-socket ")]
        self.assertEqual(len(lines), 2)
        status, pause = (self.curl(*line[2:]) for line in lines)
        self.assertEqual({scanner["name"] for scanner in json.loads(status)["scanners"]},
                         {"lease_expiry", "delayed_promoter", "cancel_reconciler"})
        answer = json.loads(pause)
        self.assertEqual((answer["ok"], answer["exit_code"]), (True, 0))
        self.assertRegex(answer["message"], r"^lease_expiry paused until \S+Z\n$")
        self.assertEqual(self.status("lease_expiry")["pause"]["reason"], "migration")
        self.assertTrue(self.status("lease_expiry")["paused"])

    def test_the_routes_of_the_port_answer(self):
        eventually(lambda: self.curl("http://localhost/readyz") == "ready\n", self.log)
        self.assertIn("# TYPE scanhost_generation gauge", self.curl("http://localhost/metrics"))
        self.assertIn("<!doctype html>", self.curl("http://localhost/"))

    def test_a_plan_and_the_blocked_builds_are_read_by_get(self):
        self.write(["lease_expiry: {interval: 150ms}"])
        plan = json.loads(self.curl("http://localhost/control/plan"))
        self.assertTrue(plan["ok"])
        self.assertIn("lease_expiry", plan["message"])
        self.assertEqual(json.loads(self.done("plan", "--json")), plan["data"])
        self.assertEqual(json.loads(self.curl("http://localhost/control/blocked"))["data"], [])
        self.assertEqual(json.loads(self.done("blocked", "--json")), [])
        self.assertEqual(self.status("lease_expiry")["interval_ms"], 100, "a plan changes nothing")

    def test_a_command_that_is_refused_as_a_whole_is_answered_in_one_form(self):
        for words in (["reload", "nobody"], ["rollback", "nobody"], ["pause", "nobody"], ["retry", "nobody"],
                      ["release", "0123456789"], ["rollback", "lease_expiry"]):
            done = self.ctl(*words, "--json")
            answer = json.loads(done.stdout)
            self.assertEqual(sorted(answer), ["exit_code", "message", "ok"], done.stdout)
            self.assertEqual((answer["ok"], answer["exit_code"]), (False, done.returncode), done.stdout)
            self.assertNotEqual(done.returncode, 0)

    def test_what_is_wrong_with_a_request_is_said(self):
        self.assertIn("X-Scanhost: 1", self.curl("-X", "POST", "http://localhost/control/pause"))
        self.assertIn("the commands are status, reload", self.curl("-X", "POST", "http://localhost/control/stop"))
        self.assertIn("only POST is possible here", self.curl("http://localhost/control/pause"))
        self.assertFalse(self.status("lease_expiry")["paused"])
        answer = json.loads(self.curl("-X", "POST", "-H", "X-Scanhost: 1", "http://localhost/control/pause/nobody"))
        self.assertEqual((answer["ok"], answer["exit_code"]), (False, 64))
        self.assertIn("nobody: no such scanner", answer["message"])


class Failures(Host):
    """Items whose records have the wrong type: they fail until somebody mends them."""

    items = ["{fp:%d}:0f31a8b1-1111-4222-8333-44444444000%d" % (number, number) for number in range(3)]

    def setUp(self):
        super().setUp()
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.client = resources.enter_context(connect(self.address))
        for number, item in enumerate(self.items):
            self.client.must("SET", self.core(number), "of no use")
            self.client.must("ZADD", "ff:idx:{fp:%d}:lease_expiry" % number, "1000", item)

    def core(self, number):
        return "ff:exec:{fp:%d}:%s:core" % (number, self.items[number])

    def failures(self, *words):
        return json.loads(self.done("failures", *words, "--json"))

    def in_back_off(self):
        failing = self.failures("lease_expiry")["failures"]
        return len(failing) == 3 and all(item["in_back_off"] for item in failing) and failing

    def test_are_listed_with_what_an_operator_asks(self):
        before_ms = time.time() * 1000
        failing = eventually(self.in_back_off, self.log)
        self.assertEqual({item["item"] for item in failing}, set(self.items))
        for item in failing:
            self.assertEqual(item["scanner"], "lease_expiry")
            self.assertIn(item["partition"], item["item"])
            self.assertGreaterEqual(item["times"], 3)
            self.assertIn("WRONGTYPE", item["last_message"])
            self.assertGreater(item["since_ms"], before_ms - 10_000)
            self.assertLessEqual(item["next_try_ms"], time.time() * 1000 + 10 * 100 + 1000)
        text = self.done("failures")
        self.assertEqual(text.splitlines()[0].split()[:3], ["SCANNER", "PARTITION", "ITEM"])
        self.assertIn(self.items[0], text)
        self.assertIn("2 more items not listed here", self.done("failures", "--limit", "1"))
        self.assertEqual(self.done("failures", "delayed_promoter"), "no item fails\n")

    def test_are_overdue_while_they_are_in_back_off(self):
        eventually(self.in_back_off, self.log)
        first = seen = self.status("lease_expiry")["cycles"]
        while seen < first + 12:
            status = self.status("lease_expiry")
            self.assertGreater(status["oldest_overdue_ms"] or 0, 1_000_000, status)
            seen = status["cycles"]

    def test_are_tried_again_at_once_after_retry(self):
        eventually(self.in_back_off, self.log)
        # From here on ten cycles of back-off are more than the patience of this test.
        self.write(("lease_expiry: {interval: 1h}", *self.scanners[1:]))
        self.done("reload")
        eventually(self.in_back_off, self.log)
        self.client.must("DEL", self.core(0))
        started = time.monotonic()
        answer = self.done("retry", "lease_expiry", self.items[0])
        self.assertEqual(answer, "lease_expiry: 1 item taken out of back-off; its next cycle starts now\n")
        eventually(lambda: self.items[0] not in [item["item"] for item in self.failures()["failures"]], self.log)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(len(self.failures()["failures"]), 2)
        self.assertEqual(json.loads(self.done("retry", "lease_expiry", "--json"))["released"], 2)

    def test_that_are_not_there_and_mistyped_names_are_refused(self):
        done = self.ctl("retry", "lease_expiry", "no/such item")
        self.assertEqual(done.returncode, 1)
        self.assertIn("lease_expiry: no item 'no/such item' fails", done.stderr)
        for words in (("retry", "lease_expirey"), ("failures", "lease_expirey"), ("pause", "lease_expirey"),
                      ("run-now", "lease_expirey"), ("reload", "lease_expirey")):
            done = self.ctl(*words)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn("did you mean 'lease_expiry'?", done.stderr, words)
        self.assertEqual(self.ctl("failures", "--limit", "0").returncode, 64)

    def test_errors_are_json_with_json(self):
        done = scanhost("ctl", "failures", "--json", "--socket", self.folder / "none")
        self.assertEqual(done.returncode, 69)
        answer = json.loads(done.stdout)
        self.assertEqual((answer["ok"], answer["exit_code"]), (False, 69))
        self.assertIn("no scanhost listens", answer["message"])
        for words in (("statsu",), ("status", "--hsitory"), ("retry",)):
            done = scanhost("ctl", *words, "--json", "--socket", self.folder / "none")
            answer = json.loads(done.stdout)
            self.assertEqual((done.returncode, answer["exit_code"], answer["ok"]), (64, 64, False), words)
            self.assertNotEqual(answer["message"], "", words)


class Buttons(Host):
    def port(self):
        marker = "listening on http://127.0.0.1:"
        line = next(line for line in self.log().splitlines() if marker in line)
        return int(line.split(marker)[1].split("/")[0])

    def post(self, path, headers):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port(), path), data=b"", method="POST",
                                         headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode("utf-8")

    def test_pause_and_resume_over_http_with_the_header_alone(self):
        self.assertEqual(self.post("/control/pause/lease_expiry", {})[0], 403)
        self.assertFalse(self.status("lease_expiry")["paused"])
        code, text = self.post("/control/pause/lease_expiry", {"X-Scanhost": "1"})
        self.assertEqual((code, json.loads(text)["ok"]), (200, True), text)
        self.assertTrue(self.status("lease_expiry")["paused"])
        self.assertEqual(self.status("lease_expiry")["pause"]["by"], "the page (127.0.0.1)")
        self.assertEqual(self.post("/control/resume/lease_expiry", {"X-Scanhost": "1"})[0], 200)
        self.cycles_pass("lease_expiry")

    def test_pause_takes_the_reason_as_the_page_sends_it(self):
        header = {"X-Scanhost": "1"}
        code, text = self.post("/control/pause/lease_expiry?for=2h&reason=a%20%22b%22%20%C3%A9", header)
        self.assertEqual(code, 200, text)
        self.assertEqual(self.status("lease_expiry")["pause"]["reason"], 'a "b" \u00e9')
        with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.port(), timeout=PATIENCE_S) as answer:
            metrics = answer.read().decode("utf-8")
        self.assertIn('scanhost_scanner_paused{scanner="lease_expiry"} 1\n', metrics)
        self.assertIn('scanhost_scanner_paused{scanner="delayed_promoter"} 0\n', metrics)
        for wrong in ("until=noon", "for=2h&for=3h", "reason=%zz", "reason=%0a", "for=soon"):
            self.assertEqual(self.post("/control/pause/delayed_promoter?" + wrong, header)[0], 400, wrong)
        self.assertFalse(self.status("delayed_promoter")["paused"])


class Peers(Host):
    """A host that is named as its own peer."""

    def write(self, scanners, plugins="", admin=""):
        self.address_of_page = "127.0.0.1:%d" % free_port()
        super().write(scanners, plugins, "listen: '{0}', peers: ['{0}']".format(self.address_of_page))

    def peer(self):
        with urllib.request.urlopen("http://%s/peers.json" % self.address_of_page, timeout=PATIENCE_S) as answer:
            return json.load(answer)["peers"][0]

    def test_tell_the_host_their_status(self):
        peer = eventually(lambda: (found := self.peer())["status"] and found, self.log)
        self.assertEqual((peer["address"], peer["problem"]), (self.address_of_page, None))
        self.assertEqual([scanner["name"] for scanner in peer["status"]["scanners"]],
                         ["lease_expiry", "delayed_promoter", "cancel_reconciler"])
        newer = eventually(lambda: (found := self.peer())["at_ms"] > peer["at_ms"] and found, self.log)
        self.assertGreaterEqual(newer["at_ms"] - peer["at_ms"], 900, "asked once a second at most")


class Roles(Buttons):
    """A host whose port asks for tokens; its control socket does not."""

    read, command = "read-0123456789abcdef", "operate-0123456789abcdef"

    def write(self, scanners, plugins="", admin="listen: '127.0.0.1:0'"):
        for name, token in (("read", self.read), ("operator", self.command)):
            self.write_token(name, token)
            admin += ", %s_token_file: %s.token" % (name, name)
        super().write(scanners, plugins, admin)

    def write_token(self, name, token):
        new = self.folder / "new.token"
        new.write_text(token + "\n", encoding="utf-8")
        new.chmod(0o600)
        new.rename(self.folder / (name + ".token"))

    def get(self, path, token=None):
        headers = {"Authorization": "Bearer " + token} if token else {}
        try:
            with urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d%s" % (self.port(), path), headers=headers),
                                        timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode("utf-8")

    def pause(self, token=None):
        headers = {"X-Scanhost": "1", **({"Authorization": "Bearer " + token} if token else {})}
        return self.post("/control/pause/lease_expiry", headers)[0]

    test_pause_and_resume_over_http_with_the_header_alone = None
    test_pause_takes_the_reason_as_the_page_sends_it = None

    def test_readers_read_and_operators_command(self):
        self.assertEqual([self.get("/metrics")[0], self.get("/healthz")[0], self.pause(), self.pause(self.read)], [401, 200, 401, 401])
        self.assertEqual(self.get("/metrics", self.read)[0], 200)
        self.assertFalse(self.status("lease_expiry")["paused"])
        self.assertEqual(self.pause(self.command), 200)
        self.assertTrue(self.status("lease_expiry")["paused"])

    def test_a_changed_file_counts_and_no_token_is_shown(self):
        self.write_token("operator", "another-0123456789abcdef")
        self.assertEqual([self.pause(self.command), self.pause("another-0123456789abcdef")], [401, 200])
        shown = self.log() + "".join(self.get(path, self.read)[1] for path in ("/status.json", "/metrics", "/failures.json"))
        for token in (self.read, self.command, "another-0123456789abcdef"):
            self.assertNotIn(token, shown)

    def test_a_token_that_nobody_could_send_is_refused_at_the_start(self):
        self.write_token("operator", "too short")
        done = scanhost("check-config", self.file)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("admin.operator_token_file", done.stderr)
        self.assertNotIn("too short", done.stderr)


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
