# SPDX-License-Identifier: Apache-2.0
"""Stores with hosts that run the scanners that every library has on them, and what a test reads from either."""

import json
import re
import signal
import subprocess
import threading
import time
import urllib.request

import world
from ports import free_port
from play_scanners import read_database
from run_vectors import connect, resolve, server_ms
from specimens import SPECIMENS


def until(condition, seconds, what):
    """Waits until a condition holds, by polling, since nothing would give notice."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("did not happen within %d s: %s" % (seconds, what() if callable(what) else what))
        time.sleep(0.05)


def settled(database):
    """What read_database() found, by key, without times and without the ids of stream entries."""
    found = {}
    for key, kind, expires, value in database:
        if kind == "hash":
            value = dict(zip(value[::2], value[1::2]))
        elif kind == "zset":
            value = dict(zip(value[::2], value[1::2]))
        elif kind == "set":
            value = sorted(value)
        elif kind == "stream":
            value = [fields for _, fields in value]
        found[key] = (kind, expires, re.sub(r"\d{13}", "T", json.dumps(value, sort_keys=True)))
    return found


class Host:
    """A host that runs until it is stopped. `address`: of the store, a URL or the path of a socket. `more`: the keys of
    further scanners. `plugins`: their folder; by default that of the build."""

    def __init__(self, folder, address, interval_ms, scanners=None, more=None, store="", plugins=None):
        self.port = free_port()
        folder.mkdir()
        self.file = file = folder / "scanhost.yaml"
        file.write_text("\n".join([
            "store: {url: '%s'%s}" % (address if "://" in address else "unix://" + address, store),
            "plugins: {path: ['%s'], staging: '%s', watch: false}" % (plugins or world.OPTIONS.plugins, folder / "staging"),
            "admin: {listen: '127.0.0.1:%d', socket: control}" % self.port,
            *self.settings(interval_ms, SPECIMENS if scanners is None else scanners, more or {}), ""]), encoding="utf-8")
        self.log = open(folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen([str(world.OPTIONS.bin / "scanhost"), "run", "--config", str(file)],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until(self.is_ready, 60, "the host is ready")

    def settings(self, interval_ms, scanners, more):
        """The lines of its configuration about partitions, options and scanners."""
        keys = {name: "interval: %dms" % interval_ms for name in scanners}
        keys.update({name: "interval: %dms, %s" % (interval_ms, text) for name, text in more.items()})
        return ["partitions: {%s}" % ", ".join("%s: 2" % family for family in world.Case.families(keys)),
                "options: {lanes: [default]}" if "delayed_promoter" in keys else "", "scanners:",
                *("  %s: {%s}" % pair for pair in keys.items())]

    def ask(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=20) as answer:
            return answer.read().decode("utf-8")

    def command(self, *words):
        """Runs `scanhost` with this host's configuration; its exit code and what it prints."""
        done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), *words, "--config", str(self.file)],
                              stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def is_ready(self):
        if self.process.poll() is not None:
            with open(self.log.name, encoding="utf-8") as log:
                raise AssertionError("the host exited with code %d: %s" % (self.process.returncode, log.read()))
        try:
            return self.ask("/readyz") != ""
        except OSError:
            return False

    def scanners(self):
        """What the status says of each scanner."""
        return json.loads(self.ask("/status.json"))["scanners"]

    def totals(self):
        """The counts of each scanner since its start."""
        return {scanner["name"]: scanner["totals"] for scanner in self.scanners()}

    def cycles(self):
        return {scanner["name"]: scanner["cycles"] for scanner in self.scanners()}

    def end(self):
        """Stops it and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Store:
    """A server with the functions, and the test's own actions on it."""

    def __init__(self, address, library):
        self.address, self.client = address, connect(address)
        self.client.must("FUNCTION", "LOAD", library)
        self.client.must("HSET", "ff:config:partitions", "num_flow_partitions", "2", "num_budget_partitions", "2",
                         "num_quota_partitions", "2")

    def make(self, commands):
        now = server_ms(self.client)
        replies = self.client.call_all([[resolve(part, now) for part in command] for command in commands])
        wrong = [reply for reply in replies if hasattr(reply, "code")]
        if wrong:
            raise AssertionError(wrong[0])

    def count_done(self, scanner, items):
        asked = [world.Case.question(SPECIMENS[scanner].moved(tag), name) for name, tag in items]
        return sum(world.Case.says_done(SPECIMENS[scanner], answer) for answer in self.client.call_all(asked))

    def settled(self):
        """The whole contents, without times and without the ids of stream entries."""
        return settled(read_database(self.client))


class Watcher:
    """Records every reset of a budget that reaches a server: (budget, the time that the caller passed)."""

    def __init__(self, address):
        self.resets, self._client = [], connect(address)
        self._client.send("MONITOR")
        self._client.read()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        line = re.compile(r'"(?i:fcall)" "ff_reset_budget" "3" .*"([^"]+)" "(\d+)"$')
        while True:
            try:
                found = line.search(self._client.read())
            except Exception:  # the server was stopped
                return
            if found:
                self.resets.append((found.group(1), int(found.group(2))))
