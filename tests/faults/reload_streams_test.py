#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Standard streams that are closed, or that nobody reads, and texts of a plugin and of the store that are not UTF-8.

    reload_streams_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import time

import reload_host
from reload_host import HERE, Host, eventually, main

MEMBER = b"\xff\xfe member"  # names a partition


class Streams(Host):
    def prepare(self, mode):
        self.put(reload_host.BUILDS.get(name="speaks_bytes", source=HERE / "reload_plugins" / "speaks_bytes.c"),
                 name="speaks_bytes")
        self.write(scanners=["speaks_bytes: {interval: 100ms, hang_timeout: 2s, options: {mode: %s}}" % mode])
        self.client.must("SADD", "members", MEMBER)

    def run_host(self, *arguments, **streams):
        self.process = subprocess.Popen(
            [str(reload_host.OPTIONS.bin / "scanhost"), "run", "--config", str(self.file), *arguments], **streams)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        return self.process

    def is_up(self):
        self.assertIsNone(self.process.poll())
        if not self.socket.exists():
            return False
        done = self.ctl("status", "--json")
        return done.returncode == 0 and json.loads(done.stdout)["scanners"]

    def log(self):
        file = self.folder / "log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def full_pipe(self):
        """A pipe whose writing end takes nothing more."""
        reader, writer = os.pipe()
        self.addCleanup(self.close, reader)
        self.addCleanup(self.close, writer)
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"." * 4095 + b"\n")
        fcntl.fcntl(writer, fcntl.F_SETFL, 0)
        return reader, writer

    @staticmethod
    def close(fd):
        with contextlib.suppress(OSError):
            os.close(fd)

    def read_until(self, reader, found, what):
        """Reads the pipe until found(text) is true."""
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK)
        text = b""

        def check():
            nonlocal text
            with contextlib.suppress(BlockingIOError):
                while True:
                    part = os.read(reader, 1 << 20)
                    if not part:
                        break
                    text += part
            return found(text)

        eventually(check, lambda: "%s: %r" % (what, text[-2000:]))
        return text


class Closed(Streams):
    def test_closed_streams_are_opened_on_dev_null_before_anything_else_is(self):
        self.prepare("fails")
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" run --config "$1" <&- >&- 2>&-', str(reload_host.OPTIONS.bin / "scanhost"),
             str(self.file)])
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        eventually(self.is_up, "the host answers")
        for fd in range(3):
            self.assertEqual(os.readlink("/proc/%d/fd/%d" % (self.process.pid, fd)), "/dev/null")
        installed = (self.plugins / "speaks_bytes.so").read_bytes()
        copies = [file for file in self.staging.rglob("*.so") if file.is_file()]
        self.assertNotEqual(copies, [])
        for copy in copies:
            self.assertEqual(copy.read_bytes(), installed, "something was written into the staged plugin")
        self.assertEqual(self.stop(), 0)

    def test_each_command_works_without_its_streams(self):
        self.prepare("noisy")
        for words, code in ((["check-config", self.file], None), (["--version"], 0),
                            (["run", "--once", "--config", self.file], 0), (["plugin", "list"], None)):
            for closed in ("<&- 2>&-", "<&-", "2>&-"):
                done = subprocess.run(["sh", "-c", 'exec "$0" "$@" ' + closed,
                                       str(reload_host.OPTIONS.bin / "scanhost"), *map(str, words)],
                                      stdout=subprocess.PIPE, timeout=60)
                self.assertIn(done.returncode, (0,) if code is None else (code,), (words, closed))

    def test_a_result_that_cannot_be_written_is_an_error(self):
        self.prepare("noisy")
        done = subprocess.run(["sh", "-c", 'exec "$0" check-config --json "$1" >&-',
                               str(reload_host.OPTIONS.bin / "scanhost"), str(self.file)],
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
        self.assertEqual(done.returncode, 71, done.stderr)
        self.assertIn("cannot write to standard output", done.stderr)


class NobodyReads(Streams):
    def start_noisy(self, mode="noisy"):
        self.prepare(mode)
        reader, writer = self.full_pipe()
        self.run_host("--log-format", "json", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writer)
        self.close(writer)
        return reader

    def dropped(self):
        found = re.search(r"^scanhost_dropped_log_lines_total (\S+)$", self.metrics_text(), re.M)
        return float(found.group(1)) if found else 0.0

    def metrics_text(self):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as peer:
            peer.settimeout(10)
            peer.connect(str(self.socket))
            peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b""
            while part := peer.recv(1 << 16):
                text += part
        return text.decode("utf-8", "replace")

    def test_a_scanner_goes_on_lines_are_counted_and_the_log_says_so_when_somebody_reads_again(self):
        reader = self.start_noisy()
        eventually(self.is_up, "the host answers")
        eventually(lambda: self.dropped() > 2000, "lines are dropped")
        status = self.status("speaks_bytes")
        self.assertEqual((status["generation"], status["restarts"], status["totals"]["errors"]), (1, 0, 0))
        self.cycles_pass("speaks_bytes")
        text = self.read_until(reader, lambda text: b"log lines were dropped" in text, "the notice")
        lines = text[text.rfind(b".\n") + 2:].split(b"\n")[:-1]
        self.assertGreater(len(lines), 100)
        for line in lines:
            json.loads(line.decode("utf-8"))
        said = [int(found) for found in re.findall(rb"could not be written: lines=(\d+)", text)]
        self.assertGreater(said[0], 2000)
        self.process.terminate()
        self.read_until(reader, lambda _: self.process.poll() is not None, "the end")
        self.assertEqual(self.process.returncode, 0)

    def test_the_host_ends_in_time_though_nobody_reads(self):
        self.start_noisy()
        eventually(self.is_up, "the host answers")
        before = time.monotonic()
        self.assertEqual(self.stop(), 0)
        self.assertLess(time.monotonic() - before, 10)

    def test_a_crash_ends_the_process_though_nobody_reads(self):
        self.start_noisy("crashes")
        self.assertEqual(self.process.wait(60), -signal.SIGSEGV)
        record = [file.read_text() for file in self.staging.rglob("crash-*.txt")]
        self.assertIn("speaks_bytes", "".join(record))

    def test_the_host_outlives_the_reader_of_its_log(self):
        reader = self.start_noisy()
        eventually(self.is_up, "the host answers")
        self.close(reader)
        self.cycles_pass("speaks_bytes")
        eventually(lambda: self.dropped() > 100, "lines are dropped")
        self.assertEqual(self.stop(), 0)


class ForeignBytes(Streams):
    def is_json(self, text, what):
        self.assertIsInstance(text, bytes)
        try:
            return json.loads(text.decode("utf-8"))
        except ValueError as problem:
            self.fail("%s is not JSON in UTF-8: %s: %r" % (what, problem, text))

    def output(self, *words):
        done = subprocess.run([str(reload_host.OPTIONS.bin / "scanhost"), *map(str, words)], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=120)
        return done.stdout

    def test_whatever_is_json_is_valid_with_items_tags_and_messages_that_are_not_utf8(self):
        self.prepare("fails")
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        self.run_host("--log-format", "json", "--log-level", "trace", stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL, stderr=log)
        eventually(self.is_up, "the host answers")
        eventually(lambda: self.status("speaks_bytes")["restarts"] >= 1,
                   lambda: "failures: %s %s" % (self.status("speaks_bytes"), self.log()))
        self.done("reload")
        status = self.output("ctl", "status", "--json", "--socket", self.socket)
        self.assertIn("\ufffd", json.dumps(self.is_json(status, "status"), ensure_ascii=False))
        for words in (["plan", "--json"], ["reload", "--json"], ["run-now", "speaks_bytes", "--json"]):
            self.is_json(self.output("ctl", *words, "--socket", self.socket), words)
        self.assertEqual(self.stop(), 0)
        for line in (self.folder / "log").read_bytes().splitlines():
            self.is_json(line, "the log")
        self.is_json(self.output("check-config", "--json", self.file), "check-config")
        self.prepare("noisy")  # a run of some cycles with a scan that fails has no report
        self.is_json(self.output("run", "--once", "--json", "--config", self.file), "run --once")
        self.is_json(self.output("plugin", "list", "--json", "--plugins", self.plugins), "plugin list")
        self.is_json(self.output("plugin", "verify", "--json", self.plugins / "speaks_bytes.so", "--option", "mode=fails", "--check", "scan"),
                     "plugin verify")
        self.is_json(self.output("functions", "status", "--json", "--config", self.file), "functions status")


if __name__ == "__main__":
    main()
