#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""While the store cannot be reached, however that shows, the host answers within a second and stops when it is told to,
also during its start and as the first process of a container.

    store_away_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import reload_host
from reload_host import Host, eventually, main, stamped
from store_servers import Dropping, Relay, Server
from ports import free_port

CONNECT_TIMEOUT_S = 30  # so that nothing that waits for it goes unnoticed
PROMPT_S = 1.0
STOP_S = 5.0
MAX_STOP_S = 15.5
SILENT_NAME_SERVER = "127.0.53.1"


def may_unshare(*kinds):
    return subprocess.run(["unshare", *kinds, "true"], capture_output=True, check=False).returncode == 0


class Away(Host):
    def setUp(self):
        super().setUp()
        self.port, self.admin_port = free_port(), free_port()
        self.prefix = []
        self.host_name = "127.0.0.1"
        self.put(stamped(1))

    def store(self):
        return "url: 'valkey://%s:%d', connect_timeout: %ds" % (self.host_name, self.port, CONNECT_TIMEOUT_S)

    def write(self, **more):
        super().write(**more)
        self.file.write_text(self.file.read_text().replace("127.0.0.1:0'", "127.0.0.1:%d'" % self.admin_port))

    def launch(self):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*self.prefix, str(reload_host.OPTIONS.bin / "scanhost"), "run", "--config", str(self.file),
                 "--log-format", "human"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        eventually(self.socket.exists, self.log)

    def get(self, path):
        began = time.monotonic()
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.admin_port, path), timeout=10) as answer:
                code = answer.status
        except urllib.error.HTTPError as refused:
            code = refused.code
        self.assertLess(time.monotonic() - began, PROMPT_S, path)
        return code

    def answers_promptly(self, for_s=1.5):
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            self.assertEqual(self.get("/healthz"), 200)
            self.get("/metrics")
            began = time.monotonic()
            self.assertEqual(self.ctl("status").returncode, 0)
            self.assertLess(time.monotonic() - began, PROMPT_S)

    def stops_promptly(self, codes=(0,)):
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.assertIn(self.process.wait(60), codes, self.log())
        self.assertLess(time.monotonic() - began, STOP_S, self.log())
        self.assertNotIn("stuck", self.log())
        self.assertNotIn("thread", self.log())

    def peer(self, kind):
        peer = kind(self.port)
        self.addCleanup(peer.close)
        return peer

    def runs_on_a_server(self):
        server = Server(self.port)
        self.addCleanup(server.close)
        self.write()
        self.launch()
        eventually(self.answers, self.log)
        self.cycles_pass()
        return server

    def away_while_running(self, peer=None):
        self.runs_on_a_server().kill()
        if peer is not None:
            self.peer(peer)
        self.answers_promptly()
        self.assertEqual(self.get("/readyz"), 503)
        self.stops_promptly()


class AtTheStart(Away):
    def away(self, peer=None):
        if peer is not None:
            self.peer(peer)
        self.write()
        self.launch()
        self.answers_promptly()
        self.assertEqual(self.get("/readyz"), 503)
        self.assertIn("127.0.0.1:%d" % self.port, self.why_not_ready())
        self.stops_promptly()

    def why_not_ready(self):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d/readyz" % self.admin_port, timeout=10)
        except urllib.error.HTTPError as refused:
            return refused.read().decode()
        return ""

    def test_nobody_listens(self):
        self.away()

    def test_what_comes_is_dropped(self):
        self.away(Dropping)

    def test_the_server_is_silent(self):
        self.away(Relay)

    def test_a_hang_up_is_obeyed_once_the_host_runs(self):
        self.peer(Relay)
        self.write()
        self.launch()
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: "reload on SIGHUP" in self.log(), self.log)
        self.answers_promptly(0.3)
        self.stops_promptly()


class WhileItRuns(Away):
    def test_nobody_listens(self):
        self.away_while_running()

    def test_what_comes_is_dropped(self):
        self.away_while_running(Dropping)

    def test_the_server_is_silent(self):
        self.away_while_running(Relay)

    def test_a_reload_that_waits_for_the_store_ends_with_the_host(self):
        self.runs_on_a_server().kill()
        self.peer(Relay)
        with subprocess.Popen([str(reload_host.OPTIONS.bin / "scanhost"), "ctl", "reload", "--socket",
                               str(self.socket)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waiting:
            self.answers_promptly(0.5)
            self.assertIsNone(waiting.poll())
            self.stops_promptly()
            waiting.wait(30)


    def test_a_probe_that_hangs_does_not_hold_up_the_end(self):
        self.runs_on_a_server()
        self.put(reload_host.BUILDS.get("CREATE_HANGS"))
        with subprocess.Popen([str(reload_host.OPTIONS.bin / "scanhost"), "ctl", "reload", "--socket",
                               str(self.socket)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waiting:
            self.answers_promptly(0.5)
            self.assertIsNone(waiting.poll())
            began = time.monotonic()
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.assertLess(time.monotonic() - began, MAX_STOP_S, self.log())
            waiting.wait(30)


@unittest.skipUnless(os.geteuid() == 0 and may_unshare("--mount"), "needs a mount namespace of its own")
class NamesThatDoNotResolve(Away):
    """Three name servers that never answer, and a search list."""

    def setUp(self):
        super().setUp()
        try:
            self.silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(self.silent.close)
            self.silent.bind((SILENT_NAME_SERVER, 53))
        except OSError as problem:
            self.skipTest("needs port 53: %s" % problem)
        self.hosts, names = self.folder / "hosts", self.folder / "resolv.conf"
        self.hosts.write_text("127.0.0.1 localhost\n")
        names.write_text("search default.svc.cluster.local svc.cluster.local cluster.local\n" +
                         ("nameserver %s\n" % SILENT_NAME_SERVER) * 3 + "options ndots:5\n")
        self.prefix = ["unshare", "--mount", "sh", "-c",
                       'mount --bind "$0" /etc/resolv.conf && mount --bind "$1" /etc/hosts && shift && exec "$@"',
                       str(names), str(self.hosts)]
        self.host_name = "db.example.test"

    def test_at_the_start(self):
        self.write()
        self.launch()
        self.answers_promptly()
        self.stops_promptly()

    def test_while_it_runs(self):
        self.hosts.write_text("127.0.0.1 localhost db.example.test\n")
        server = self.runs_on_a_server()
        self.hosts.write_text("127.0.0.1 localhost\n")
        server.kill()
        self.answers_promptly()
        self.stops_promptly()

    def test_it_is_found_at_its_new_address(self):
        self.hosts.write_text("127.0.0.1 db.example.test\n")
        server = self.runs_on_a_server()
        server.kill()
        self.hosts.write_text("127.0.0.2 db.example.test\n")
        other = Server(self.port, arguments=["--bind", "127.0.0.2"])
        self.addCleanup(other.close)
        eventually(lambda: self.status()["store"]["state"] == "up", self.log)
        self.stops_promptly()

    def test_a_dead_address_of_several_does_no_harm(self):
        self.hosts.write_text("127.0.0.3 db.example.test\n127.0.0.1 db.example.test\n")
        dead = Dropping(self.port, "127.0.0.3")
        self.addCleanup(dead.close)
        self.runs_on_a_server()
        self.stops_promptly()


class Names(Away):
    def test_a_reload_with_a_host_name_keeps_no_old_build(self):
        self.host_name = "localhost"
        self.runs_on_a_server()
        for number in range(2, 8):
            self.put(stamped(number))
            self.done("reload")
            self.runs(stamped(number))
        self.only_one_copy_is_mapped()
        self.assertEqual(self.metric("scanhost_pinned_builds"), 0, self.log())
        self.stops_promptly()


class DuringTheStart(Away):
    """The host takes its signals as soon as it has begun, and plugins that are slow to probe do not delay it."""

    delays = (0, 0.005, 0.02, 0.1, 0.3)

    def setUp(self):
        super().setUp()
        self.scanners = tuple("drains_due@s%d: {interval: 1s, options: {index: i%d}}" % (n, n) for n in range(15))
        self.write()

    def spawn(self, *prefix):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*prefix, str(reload_host.OPTIONS.bin / "scanhost"), "run", "--config", str(self.file)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)

    @staticmethod
    def takes(pid, number):
        """Whether a process handles or holds that signal."""
        try:
            lines = pathlib.Path("/proc/%d/status" % pid).read_text().splitlines()
        except OSError:
            return False
        sets = [int(line.split()[1], 16) for line in lines if line.startswith(("SigBlk", "SigCgt"))]
        return any(mask >> (number - 1) & 1 for mask in sets)

    def ends_soon(self, pid=None):
        began = time.monotonic()
        os.kill(pid or self.process.pid, signal.SIGTERM)
        self.assertIn(self.process.wait(60), (0, 128 + signal.SIGTERM, -signal.SIGTERM), self.log())
        self.assertLess(time.monotonic() - began, STOP_S)

    def test_a_termination_ends_it(self):
        for delay in self.delays:
            with self.subTest(delay=delay):
                self.spawn()
                eventually(lambda: self.takes(self.process.pid, signal.SIGTERM), "it takes the signal")
                time.sleep(delay)
                self.ends_soon()

    @unittest.skipUnless(os.geteuid() == 0 and may_unshare("--pid", "--fork"), "needs a process namespace of its own")
    def test_a_termination_ends_the_first_process_of_a_container(self):
        for delay in self.delays:
            with self.subTest(delay=delay):
                self.spawn("unshare", "--pid", "--fork", "--kill-child")
                first = eventually(self.first_process, "the first process")
                time.sleep(delay)
                self.ends_soon(first)

    def first_process(self):
        """The child of unshare, once it is a scanhost that takes signals."""
        children = pathlib.Path("/proc/%d/task/%d/children" % (2 * (self.process.pid,))).read_text().split()
        if not children or "scanhost" not in os.readlink("/proc/%s/exe" % children[0]):
            return None
        pid = int(children[0])
        return pid if self.takes(pid, signal.SIGTERM) else None

    def test_a_hang_up_is_remembered(self):
        for delay in self.delays:
            with self.subTest(delay=delay):
                server = Server(self.port)
                before = self.log().count("reload on SIGHUP") if (self.folder / "log").exists() else 0
                self.spawn()
                eventually(lambda: self.takes(self.process.pid, signal.SIGHUP), "it takes the signal")
                time.sleep(delay)
                self.process.send_signal(signal.SIGHUP)
                eventually(lambda: self.log().count("reload on SIGHUP") > before, self.log)
                eventually(self.answers, self.log)
                self.ends_soon()
                server.close()

    def test_a_signal_that_came_before_it_could_be_handled_counts(self):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(reload_host.OPTIONS.bin / "scanhost"), "run", "--config", str(self.file)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                preexec_fn=lambda: (signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
                                    os.kill(os.getpid(), signal.SIGTERM)))
        self.addCleanup(self.process.kill)
        self.assertEqual(self.process.wait(30), 0, self.log())

    def test_a_run_of_some_cycles_ends_too(self):
        self.peer(Relay)
        self.process = subprocess.Popen(
            [str(reload_host.OPTIONS.bin / "scanhost"), "run", "--once", "--config", str(self.file)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.process.kill)
        eventually(lambda: self.takes(self.process.pid, signal.SIGTERM), "it takes the signal")
        time.sleep(0.5)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(5), 128 + signal.SIGTERM)


if __name__ == "__main__":
    if shutil.which("unshare") is None:
        print("unshare is missing: some tests are skipped")
    main()
