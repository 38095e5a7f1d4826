#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real host with bundled scanners while its server dies and comes back, and while the host is told to stop.

    host_faults_test.py --bin DIR --plugins DIR [--server NAME] [unittest arguments]
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "support")]

from ports import free_port  # noqa: E402
from resp import ConnectionLost, connect  # noqa: E402
from run_vectors import find_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 120
PARTITIONS = 256


class Server:
    """A server that writes its data to disk before every reply, so it may be killed and started again."""

    def __init__(self, folder):
        self.folder, self.address = folder, str(folder / "server.sock")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [OPTIONS.server or find_server(), "--port", "0", "--unixsocket", self.address, "--save", "", "--dir",
             str(self.folder), "--appendonly", "yes", "--appendfsync", "always"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = eventually(self.try_to_connect, "the server answers")

    def try_to_connect(self):
        try:
            client = connect(self.address)
            return client if client.call("PING") == "PONG" else None
        except (OSError, ConnectionLost):
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def eventually(check, what):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("did not happen within %d s: %s" % (PATIENCE_S, what))


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-faults-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.server = Server(self.folder)
        self.addCleanup(lambda: self.server.stop())
        library = subprocess.run([str(OPTIONS.bin / "scanhost"), "functions", "print"], capture_output=True, check=True)
        self.server.client.must("FUNCTION", "LOAD", library.stdout)

    def seed(self, items):
        """Due delayed executions, spread over the partitions."""
        due = int(time.time() * 1000) - 5000
        for begin in range(0, items, 1000):
            commands = []
            for number in range(begin, min(begin + 1000, items)):
                tag = "{fp:%d}" % (number % PARTITIONS)
                eid = "%s:00000000-0000-4000-8000-%012x" % (tag, number)
                commands.append(["HSET", "ff:exec:%s:%s:core" % (tag, eid), "execution_id", eid, "lane_id", "default",
                                 "lifecycle_phase", "runnable", "eligibility_state", "not_eligible_until_time",
                                 "delay_until", str(due), "created_at", str(due), "priority", "0",
                                 "ownership_state", "unowned", "attempt_state", "none"])
                commands.append(["ZADD", "ff:idx:%s:lane:default:delayed" % tag, str(due), eid])
            self.server.client.call_all(commands)

    def count(self, index):
        return sum(self.server.client.call_all(
            [["ZCARD", "ff:idx:{fp:%d}:lane:default:%s" % (number, index)] for number in range(PARTITIONS)]))

    def start_host(self, keys=""):
        self.port = free_port()
        file = self.folder / "scanhost.yaml"
        file.write_text("store: {url: 'unix://%s'}\nplugins: {path: ['%s'], staging: '%s'}\n"
                        "admin: {listen: '127.0.0.1:%d', socket: control.sock}\nscanners:\n  delayed_promoter: {%s}\n"
                        % (self.server.address, OPTIONS.plugins, self.folder / "staging", self.port, keys))
        self.log = open(self.folder / "log", "w+")
        self.addCleanup(self.log.close)
        host = subprocess.Popen([str(OPTIONS.bin / "scanhost"), "run", "--config", str(file)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        self.addCleanup(host.wait)
        self.addCleanup(host.kill)
        return host

    def metric(self, name):
        text = urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.port, timeout=5).read().decode()
        found = re.search(r"^%s(?:\{[^}]*\})? (\S+)$" % name, text, flags=re.M)
        return float(found.group(1)) if found else 0.0

    def test_a_server_that_is_killed_in_mid_cycle_and_comes_back_loses_nothing(self):
        items = 40_000
        self.seed(items)
        host = self.start_host()
        eventually(lambda: self.count("eligible") > items // 20, "a cycle in progress")
        self.server.kill()
        time.sleep(5)  # the outage
        self.assertIsNone(host.poll(), "the host must stay up")
        self.server.start()
        before, back = self.count("eligible"), time.monotonic()
        self.assertLess(before, items, "the server was killed too late: the work was already done")
        eventually(lambda: self.count("eligible") > before, "work goes on")
        print("work continued %.2f s after the server came back" % (time.monotonic() - back), file=sys.stderr)
        eventually(lambda: self.count("eligible") == items, "all is done")
        self.assertEqual(self.count("delayed"), 0)
        self.assertGreaterEqual(self.metric("scanhost_reconnects_total"), 1)
        self.assertEqual(self.metric("scanhost_connection_up"), 1)
        host.send_signal(signal.SIGTERM)
        self.assertEqual(host.wait(20), 0)
        self.log.seek(0)
        self.assertRegex(self.log.read(), "(?i)connection")

    def test_sigterm_under_load_ends_in_order_with_nothing_half_done(self):
        items = 60_000
        self.seed(items)
        host = self.start_host("budget: {calls: 1000000, time: 60s}")
        eventually(lambda: self.count("eligible") > 1000, "a cycle in progress")
        begin = time.monotonic()
        host.send_signal(signal.SIGTERM)
        self.assertEqual(host.wait(20), 0)
        print("stopped %.2f s after SIGTERM" % (time.monotonic() - begin), file=sys.stderr)
        done = self.count("eligible")
        self.assertEqual(done + self.count("delayed"), items)
        self.log.seek(0)
        self.assertNotIn("cycle=1 ", self.log.read(), "an interrupted cycle must not count as a cycle")


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
