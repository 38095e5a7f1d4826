# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests of reloads: builds of the small plugins, a real host on a private server, and a store that
shows whether each item was done exactly once."""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "contract"), str(HERE.parent / "support")]

from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 60
PARTITIONS = 8
VERSION = b"build-0000"  # part of each build; stamped() replaces the number


def scanhost(*arguments):
    return subprocess.run([str(OPTIONS.bin / "scanhost"), *map(str, arguments)], capture_output=True,
                          encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL)


def eventually(check, what, patience_s=PATIENCE_S):
    """Waits until check() returns a true value, and returns it."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not happen within %d s: %s" % (patience_s, what() if callable(what) else what))


class Builds:
    """Builds of drains_due, or of another source, each compiled once per process and linked as the SDK's helpers would."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-builds-"))
        self.built = {}

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, *macros, name="drains_due", cxx=False, source=HERE / "reload_plugins" / "drains_due.c"):
        key = (macros, name, cxx, source)
        if key not in self.built:
            self.built[key] = self.compile(self.folder / ("%d.so" % len(self.built)), *key).read_bytes()
        return self.built[key]

    @staticmethod
    def compile(to, macros, name, cxx, source):
        sdk = OPTIONS.root / "sdk"
        language = [OPTIONS.cxx, "-x", "c++", "-std=c++20"] if cxx else [OPTIONS.cc, "-std=c99"]
        defined = ["-D" + macro for macro in macros] + ['-DNAME="%s"' % name, '-DBUILD="%s"' % VERSION.decode()]
        defs = [] if "UNDEFINED" in macros else ["-Wl,-z,defs"]
        subprocess.run([*language, "-shared", "-fPIC", "-O1", "-fvisibility=hidden", *defined, "-I",
                        str(sdk / "include"), str(source), "-o", str(to),
                        "-Wl,--version-script=" + str(sdk / "cmake" / "scanhost.map"), "-Wl,-z,noexecstack",
                        *defs], check=True)
        return to


BUILDS = None


def stamped(number, *macros, **more):
    """The bytes of a build with that number as its version, so each number gives another file."""
    return BUILDS.get(*macros, **more).replace(VERSION, version(number).encode())


def version(number):
    return "build-%04d" % number


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Load(threading.Thread):
    """Seeds due items continually, on its own connection; at most `ahead` items wait at a time."""

    def __init__(self, address, index="due", ahead=2000):
        super().__init__(daemon=True)
        self.address, self.index, self.ahead = address, index, ahead
        self.seeded = 0
        self.ended = threading.Event()

    def run(self):
        with connect(self.address) as client:
            while not self.ended.is_set():
                waiting = sum(client.call_all([["ZCARD", "%s:{s:%d}" % (self.index, n)] for n in range(PARTITIONS)]))
                if waiting < self.ahead:
                    self.seeded += seed(client, self.index, self.name, self.seeded, 400)
                time.sleep(0.01)

    def stop(self):
        """The total number of items."""
        self.ended.set()
        self.join()
        return self.seeded


def seed(client, index, source, first, count):
    due = int(time.time() * 1000) - 1000
    client.call_all([["ZADD", "%s:{s:%d}" % (index, number % PARTITIONS), due, "%s:%d" % (source, number)]
                     for number in range(first, first + count)])
    return count


class Host(unittest.TestCase):
    """A host with one scanner of drains_due, in its own folders, which it does not watch."""

    watch = False
    scanners = ("drains_due: {interval: 100ms}",)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-reload-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        resources = contextlib.ExitStack()
        self.addCleanup(resources.close)
        self.address = resources.enter_context(private_server(OPTIONS.server))
        self.client = resources.enter_context(connect(self.address))
        self.plugins, self.staging = self.folder / "plugins", self.folder / "staging"
        self.plugins.mkdir()
        self.gate = self.folder / "gate"
        self.socket, self.file = self.folder / "control.sock", self.folder / "scanhost.yaml"
        self.process, self.seeded = None, {}

    def store(self):
        """The keys of the store."""
        return "url: 'unix://%s'" % self.address

    # --- files

    def write(self, scanners=None, plugins="", folder=None):
        fresh = self.folder / "scanhost.yaml.new"
        fresh.write_text("\n".join([
            "store: {%s}" % self.store(),
            "plugins: {path: ['%s'], staging: '%s', watch: %s%s}"
            % (folder or self.plugins, self.staging, str(self.watch).lower(), plugins),
            "admin: {listen: '127.0.0.1:0', socket: control.sock}", "scanners:",
            *("  " + line for line in (self.scanners if scanners is None else scanners)), ""]), encoding="utf-8")
        fresh.rename(self.file)

    def put(self, data, name="drains_due", folder=None):
        """Installs a build where the host finds it, as a careful installer does: by renaming."""
        target = (folder or self.plugins) / (name + ".so")
        fresh = target.with_name(".%s.%d.new" % (name, threading.get_ident()))
        fresh.write_bytes(data)
        fresh.chmod(0o644)
        fresh.rename(target)
        return target

    # --- the host

    def start(self, ready=True, log_level="info"):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(OPTIONS.bin / "scanhost"), "run", "--config", str(self.file), "--log-format", "human",
                 "--log-level", log_level],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        if ready:
            eventually(self.answers, self.log)
        return self.process

    def answers(self):
        self.assertIsNone(self.process.poll(), self.log())
        if not self.socket.exists():
            return False
        done = self.ctl("status", "--json")
        return done.returncode == 0 and json.loads(done.stdout)["scanners"]

    def started(self, data=None):
        """The beginning of most tests: build 1 runs."""
        self.put(stamped(1) if data is None else data)
        self.write()
        self.start()
        self.cycles_pass()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def ctl(self, *words):
        return scanhost("ctl", *words, "--socket", self.socket)

    def done(self, *words):
        """Runs a command that must succeed, and returns its output."""
        done = self.ctl(*words)
        self.assertEqual(done.returncode, 0, "%s: %s%s\n%s" % (words, done.stdout, done.stderr, self.log()))
        return done.stdout

    def all_status(self):
        return {scanner["name"]: scanner for scanner in json.loads(self.done("status", "--json"))["scanners"]}

    def status(self, name="drains_due"):
        return self.all_status()[name]

    def outcomes(self, name="drains_due"):
        return [entry["outcome"] for entry in self.status(name)["history"]]

    def cycles_pass(self, name="drains_due", more=2):
        first = self.status(name)["cycles"]
        eventually(lambda: self.status(name)["cycles"] >= first + more, lambda: "cycles of %s: %s" % (name, self.log()))

    def runs(self, data, name="drains_due"):
        """Waits until that build does the work, and returns the scanner's status."""
        return eventually(lambda: (lambda now: now["sha256"] == sha256(data) and now)(self.status(name)),
                          lambda: "the new build: %s" % self.log())

    def metric(self, name, **labels):
        port = re.findall(r"listening on http://127\.0\.0\.1:(\d+)/", self.log())[-1]
        text = urllib.request.urlopen("http://127.0.0.1:%s/metrics" % port, timeout=10).read().decode()
        for line in text.splitlines():
            if line.startswith((name + "{", name + " ")) and all('%s="%s"' % label in line for label in labels.items()):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def staged_maps(self):
        """The staged copies that are mapped into the host."""
        lines = pathlib.Path("/proc/%d/maps" % self.process.pid).read_text().splitlines()
        return {line.split(None, 5)[5] for line in lines if str(self.staging) in line}

    def only_one_copy_is_mapped(self):
        eventually(lambda: len(self.staged_maps()) == 1, lambda: "expected a single mapped copy: %s" % self.staged_maps())

    # --- the work

    def seed(self, count=400, index="due"):
        first = self.seeded.get(index, 0)
        self.seeded[index] = first + seed(self.client, index, "item", first, count)

    def under_load(self, index="due"):
        """Work arrives until end_load()."""
        load = Load(self.address, index)
        self.addCleanup(load.stop)
        load.start()
        return load

    def end_load(self, load):
        self.seeded[load.index] = self.seeded.get(load.index, 0) + load.stop()

    def sums(self, kind, index="due"):
        """{field: number} over all partitions."""
        total = {}
        for flat in self.client.call_all([["HGETALL", "%s:%s:{s:%d}" % (index, kind, n)] for n in range(PARTITIONS)]):
            for field, value in zip(flat[::2], flat[1::2]):
                total[field] = total.get(field, 0) + int(value)
        return total

    def waiting(self, index="due"):
        return sum(self.client.call_all([["ZCARD", "%s:{s:%d}" % (index, n)] for n in range(PARTITIONS)]))

    def all_done_once(self, index="due", calls_once=True):
        """Waits until nothing is due. Nothing may be lost or done twice. `calls_once`: no call may even
        be sent twice, which holds if no answer was lost."""
        eventually(lambda: self.waiting(index) == 0, lambda: "all is done: " + self.log())
        done = self.sums("done", index)
        self.assertEqual(len(done), self.seeded[index], "lost")
        self.assertEqual({count for count in done.values()}, {1}, "done twice")
        if calls_once:
            self.assertEqual(sum(self.sums("calls", index).values()), self.seeded[index], "sent twice")

    def works(self, number, index="due"):
        """Items that are seeded now are done by the build with that number."""
        before = self.sums("calls", index).get(version(number), 0)
        self.seed(80, index)
        eventually(lambda: self.sums("calls", index).get(version(number), 0) >= before + 80,
                   lambda: "work of build %d: %s %s" % (number, self.sums("calls", index), self.log()))


def main():
    """The entry point of each test file. Usage:

        reload_x_test.py --bin DIR --root DIR --cc CC --cxx CXX [--server NAME] [unittest arguments]
    """
    global OPTIONS, BUILDS
    parser = argparse.ArgumentParser()
    for name in ("bin", "root"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    BUILDS = Builds()
    try:
        unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore", exit=False,
                      ).result.wasSuccessful() or sys.exit(1)
    finally:
        BUILDS.close()
