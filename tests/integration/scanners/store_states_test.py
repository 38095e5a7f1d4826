#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every state in which a store says no, at the start of a host, while it runs, and during a build's probation.

    store_states_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

No item and no build is blamed, the host says what is wrong in one place, and goes on by itself.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.error
from typing import Callable

import world
from hosts import Host, Store, until
from ports import free_port
from own_network import own_network
from run_vectors import connect, private_server
from specimens import SPECIMENS

SCANNER = "lease_expiry"
ITEMS = ["item-%d" % number for number in range(300)]
TAG = SPECIMENS[SCANNER].tag
USER = ("on", ">word", "~*", "&*", "+@all")
OWN_NETWORK = own_network("198.51.100.1")
os.environ.update(STATES_WORD="word", STATES_OTHER="other")


@dataclasses.dataclass(frozen=True)
class State:
    """`begin` and `end` act on the server; `says` is its own word."""

    says: str
    begin: Callable
    end: Callable
    whole: bool = True  # of the server, so that the log line is the store's; else of the scanner
    starts: bool = False  # a host starts in it: what it needs at the start is not refused
    exit_code: int = 0  # of a host that starts in it; 0: it waits, or starts
    login: bool = True  # the host logs in
    connects: bool = True  # in this state the host has connections
    reach: str = "socket"  # how the host reaches the server; "network": from outside of its machine; "cluster": a node


def set_to(**settings):
    def act(test):
        for name, value in settings.items():
            test.store.client.must("CONFIG", "SET", name.replace("_", "-"), value)
    return act


def be_busy(test):
    test.store.client.must("CONFIG", "SET", "busy-reply-threshold", "50")
    script = connect(test.address)
    script.send("EVAL", "while true do end", "0")
    until(lambda: test.says("PING").startswith("BUSY"), 20, "the server is busy")
    test.script = script


def end_script(test):
    test.store.client.must("SCRIPT", "KILL")
    with contextlib.suppress(Exception):
        test.script.read()
    test.script.close()


def fail_to_save(test):
    test.store.client.must("CONFIG", "SET", "dir", "/proc")
    test.store.client.must("CONFIG", "SET", "save", "3600 1")
    test.store.client.must("BGSAVE")
    until(lambda: "rdb_last_bgsave_status:err" in test.says("INFO", "persistence"), 20, "the save failed")


def load_slowly(test):
    """Reads all data again, slowly, and answers meanwhile."""
    test.store.client.must("CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
    test.store.client.must("CONFIG", "SET", "key-load-delay", "3000")
    test.reload = connect(test.address)
    test.reload.send("DEBUG", "RELOAD")
    until(lambda: test.says("DBSIZE").startswith("LOADING"), 20, "the server loads")


def load_fast(test):
    test.store.client.must("CONFIG", "SET", "key-load-delay", "0")
    until(lambda: not test.says("DBSIZE").startswith("LOADING"), 30, "the server has loaded")
    test.reload.close()


def deny(rule):
    return lambda test: test.store.client.must("ACL", "SETUSER", "scanner", rule)


def follow_nobody(serve_stale_data):
    """Makes the server a replica whose primary is away."""
    def begin(test):
        set_to(replica_serve_stale_data=serve_stale_data)(test)
        test.store.client.must("REPLICAOF", "127.0.0.1", str(free_port()))
    return begin


def become_primary(test):
    test.store.client.must("REPLICAOF", "NO", "ONE")


def let_in_nobody(test):
    set_to(maxclients="1")(test)
    test.store.client.must("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def user(name, *rules):
    """The host has to connect anew."""
    def act(test):
        test.store.client.must("ACL", "SETUSER", name, *rules)
        test.store.client.must("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    return act


def hide_fcall(test):
    """In the server's place there is another, with the same data, that does not know FCALL."""
    folder = os.path.dirname(test.address)
    test.store.client.must("SAVE")
    test.stand_in = private_server(world.OPTIONS.server, "--dir", folder, "--rename-command", "FCALL", "HIDDEN")
    address = test.stand_in.__enter__()
    with connect(address) as client:
        client.must("ACL", "SETUSER", "scanner", *USER)
    test.lead_to(address)
    test.store.client.must("CLIENT", "KILL", "USER", "scanner")


def find_fcall(test):
    test.lead_to(test.address)
    test.stand_in.__exit__(None, None, None)


def protect(test):
    set_to(protected_mode="yes")(test)
    test.store.client.must("CLIENT", "KILL", "USER", "scanner")


UNUSED_SLOT = "9"


def lose_slot(test):
    test.store.client.must("CLUSTER", "DELSLOTS", UNUSED_SLOT)
    until(lambda: "cluster_state:fail" in test.says("CLUSTER", "INFO"), 20, "the cluster is down")


def find_slot(test):
    test.store.client.must("CLUSTER", "ADDSLOTS", UNUSED_SLOT)
    until(lambda: "cluster_state:ok" in test.says("CLUSTER", "INFO"), 20, "the cluster is up")


STATES = {
    "loading": State("LOADING", load_slowly, load_fast),
    "busy": State("BUSY", be_busy, end_script),
    "out_of_memory": State("OOM", set_to(maxmemory="1"), set_to(maxmemory="0"), starts=True),
    "misconfigured": State("MISCONF", fail_to_save, set_to(save=""), starts=True),
    "too_few_replicas": State("NOREPLICAS", set_to(min_replicas_to_write="1"), set_to(min_replicas_to_write="0"),
                              starts=True),
    "no_permission": State("NOPERM", deny("-fcall"), deny("+fcall"), whole=False, starts=True),
    "read_only": State("replica", follow_nobody("yes"), become_primary, connects=False),
    "primary_down": State("replica", follow_nobody("no"), become_primary, connects=False),
    "too_many_clients": State("max number of clients", let_in_nobody, set_to(maxclients="100"), connects=False),
    "login_refused": State("WRONGPASS", user("scanner", "resetpass", ">new"), user("scanner", "resetpass", ">word"),
                           exit_code=77, connects=False),
    "protected_mode": State("DENIED", protect, set_to(protected_mode="no"), exit_code=77, connects=False,
                            reach="network"),
    "unknown_command": State("unknown command", hide_fcall, find_fcall, whole=False, starts=True),
    "cluster_down": State("CLUSTERDOWN", lose_slot, find_slot, reach="cluster"),
    "login_needed": State("NOAUTH", user("default", ">word"), user("default", "nopass"), exit_code=77, login=False),
}


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.setups = world.setups()
        cls.library = (world.OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8")

    @contextlib.contextmanager
    def server(self, *more, reach="socket"):
        port, address = str(free_port()), "127.0.0.1"
        if reach == "network":
            address = OWN_NETWORK or self.skipTest("may not make a network of its own")
        if reach == "cluster":
            more = ["--cluster-enabled", "yes", "--cluster-port", str(free_port()), *more]
        with private_server(world.OPTIONS.server, "--enable-debug-command", "yes", "--enable-protected-configs", "yes",
                            "--port", port, "--bind", address, "--protected-mode", "no", *more) as self.address, \
                tempfile.TemporaryDirectory(prefix="scanhost-states-") as folder:
            self.folder = pathlib.Path(folder)
            self.url = "unix://%s" % (self.folder / "store") if reach == "socket" else "redis://%s:%s" % (address, port)
            self.lead_to(self.address)
            if reach == "cluster":
                self.found_cluster()
            self.store = Store(self.address, self.library)
            self.store.client.must("ACL", "SETUSER", "scanner", *USER)
            try:
                yield
            finally:
                if getattr(self, "host", None):
                    self.host.kill()

    def lead_to(self, address):
        """The host's socket is that of this server."""
        link = self.folder / "link"
        link.symlink_to(address)
        link.replace(self.folder / "store")

    def found_cluster(self):
        with connect(self.address) as client:
            client.must("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        until(lambda: "cluster_state:ok" in self.says("CLUSTER", "INFO"), 20, "the cluster is up")

    def says(self, *command):
        """What the server answers, on a connection of its own."""
        with connect(self.address) as client:
            return str(client.call(*command))

    def seed(self, names=ITEMS):
        specimen = SPECIMENS[SCANNER]
        self.store.make([command for name in names
                         for command in specimen.commands(specimen.id_of(name), self.setups)])

    def settings(self, login=True):
        login = ", username: scanner, password_env: STATES_WORD" if login else ""
        return ["store: {url: '%s'%s}" % (self.url, login), *self.rest_of_settings()]

    @staticmethod
    def rest_of_settings():
        return ["partitions: {flow: 2}", "scanners:", "  %s: {interval: 200ms}" % SCANNER]

    def start(self, plugins=None, login=True):
        self.host = StateHost(self.folder / "host", self.settings(login), plugins or world.OPTIONS.plugins)

    def ends_with(self, code, text, settings):
        file = self.folder / "end.yaml"
        file.write_text("\n".join([*settings, "plugins: {path: ['%s']}" % world.OPTIONS.plugins,
                                   "admin: {listen: none, socket: none}", ""]), encoding="utf-8")
        done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--config", str(file)],
                              stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, text)

    def seed_at_once(self, state, names):
        """The items come due when the host cannot work any more."""
        self.assertEqual(self.host.command("ctl", "pause")[0], 0)
        self.seed(names)
        state.begin(self)
        self.assertEqual(self.host.command("ctl", "resume")[0], 0)

    def done(self, names=ITEMS):
        return self.store.count_done(SCANNER, [(name, TAG) for name in names])

    def scanner(self):
        (found,) = self.host.scanners()
        return found

    def await_end(self, label):
        until(lambda: not self.scanner()["store_troubles"], 30, lambda: "%s ends; %s" % (label, self.scanner()))
        until(lambda: self.host.readiness() == "ready\n", 30, lambda: self.host.readiness())

    def check_log(self, label, state):
        begun = [line for line in self.host.lines("no item and no build is blamed")
                 if state.connects or '"cause":"%s"' % label in line]
        over = self.host.lines("'%s' is over after" % label.replace("_", " "))
        self.assertEqual(len(begun), 1, begun)
        self.assertIn(state.says, begun[0])
        self.assertEqual(len(over), 1, over)
        self.assertRegex(over[0], r"refused \d+ command")
        self.assertEqual(self.host.lines("back-off"), [])
        if state.connects:
            self.assertEqual([line for line in self.host.lines(state.says) if line not in [*begun, *over]], [])

    def check_no_connection(self, label, state):
        until(lambda: "%s has no connection to the store" % SCANNER in self.host.readiness(), 30, self.host.readiness)
        until(lambda: state.says in self.host.readiness(), 30, self.host.readiness)
        self.assertIn(state.says, self.host.command("ctl", "status")[1])
        until(lambda: label in [trouble["state"] for trouble in self.scanner()["store_troubles"]], 30, self.host.text)
        metrics = self.host.ask("/metrics")
        self.assertIn('scanhost_connection_up{scanner="%s"} 0' % SCANNER, metrics)
        self.assertIn('scanhost_store_trouble{cause="%s",scanner="%s"} 1' % (label, SCANNER), metrics)

    def check_not_ready(self, label, state):
        if not state.connects:
            self.check_no_connection(label, state)
            return
        until(lambda: [t["state"] for t in self.scanner()["store_troubles"]] == [label], 30,
              lambda: "%s is met; %s" % (label, self.scanner()))
        kept = "not ready\n%s is kept from its work by the store" % SCANNER
        until(lambda: kept in self.host.readiness(), 10, self.host.readiness)
        readiness = self.host.readiness()
        self.assertIn(state.says, readiness)
        self.assertIn(state.says, self.host.command("ctl", "status")[1])
        metrics = self.host.ask("/metrics")
        series = '{cause="%s",scanner="%s"}' % (label, SCANNER)
        self.assertIn("scanhost_store_trouble%s 1" % series, metrics)
        self.assertRegex(metrics, r"scanhost_store_errors_total\{cause=\"%s\",scanner=\"%s\"\} [1-9]" % (label, SCANNER))

    def check_nobody_is_blamed(self):
        scanner = self.scanner()
        blame = (scanner["totals"]["errors"], scanner["items_in_back_off"], scanner["restarts"])
        self.assertEqual(blame, (0, 0, 0), scanner)


class StateHost(Host):
    """A host with these settings, which need not become ready."""

    def __init__(self, folder, settings, plugins):
        self.port = free_port()
        folder.mkdir(exist_ok=True)
        self.file = folder / "scanhost.yaml"
        self.file.write_text("\n".join([
            *settings, "plugins: {path: ['%s'], staging: '%s', watch: false, probation: 3}" % (plugins, folder / "staging"),
            "admin: {listen: '127.0.0.1:%d', socket: '%s'}" % (self.port, folder / "control"), ""]), encoding="utf-8")
        self.log = open(folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen([str(world.OPTIONS.bin / "scanhost"), "run", "--config", str(self.file)],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def readiness(self):
        if self.process.poll() is not None:
            raise AssertionError("the host exited with code %d: %s" % (self.process.returncode, self.text()))
        try:
            return self.ask("/readyz")
        except urllib.error.HTTPError as problem:
            return problem.read().decode("utf-8")
        except OSError:
            return ""

    def await_ready(self):
        until(lambda: self.readiness() == "ready\n", 30, lambda: self.readiness() + self.text())

    def text(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8")

    def lines(self, text):
        return [line for line in self.text().splitlines() if text in line]


class Running(Case):
    """The state begins and ends while a host works."""

    def check(self, label):
        state = STATES[label]
        with self.server(reach=state.reach):
            self.start(login=state.login)
            self.host.await_ready()
            self.seed(ITEMS)
            until(lambda: self.done() == len(ITEMS), 30, "the items are done")
            more = [name + "-more" for name in ITEMS]
            self.seed_at_once(state, more)
            self.check_not_ready(label, state)
            if state.connects:
                self.host_works_on(state)
            self.check_nobody_is_blamed()
            state.end(self)
            self.await_end(label)
            until(lambda: self.done(more) == len(more), 30, lambda: "done: %d" % self.done(more))
            self.check_nobody_is_blamed()
            self.check_log(label, state)

    def host_works_on(self, state):
        """Some cycles, of which each meets the state."""
        before = self.scanner()["store_errors"]
        until(lambda: self.scanner()["store_errors"] > before + 2, 30, "more commands are refused")


class Together(Case):
    """Several scanners of one store."""

    def settings(self, login=True):
        return [*super().settings(login), "  second: {plugin: %s, interval: 200ms}" % SCANNER]

    def test_a_state_of_the_server_is_one_line_for_all_scanners(self):
        state = STATES["out_of_memory"]
        with self.server():
            self.start()
            self.host.await_ready()
            self.seed_at_once(state, ITEMS)
            until(lambda: all(scanner["store_errors"] > 5 for scanner in self.host.scanners()), 30, self.host.text)
            self.assertEqual(len(self.host.readiness().splitlines()), 3)
            state.end(self)
            self.host.await_ready()
            self.assertEqual(len(self.host.lines("no item and no build is blamed")), 1)
            until(lambda: self.host.lines("is over after"), 30, self.host.text)
            (over,) = self.host.lines("is over after")
            self.assertRegex(over, r"refused \d+ commands of 2 scanners")

    def test_the_log_of_many_items_stays_short(self):
        state = STATES["out_of_memory"]
        with self.server():
            self.start()
            self.host.await_ready()
            self.seed_at_once(state, ["item-%d" % number for number in range(3000)])
            until(lambda: sum(scanner["store_errors"] for scanner in self.host.scanners()) > 6000, 60, self.host.text)
            self.assertLess(len(self.host.text().splitlines()), 20, self.host.text())
            self.assertEqual([line for line in self.host.lines("OOM") if "remove" in line or "entry" in line], [])
            state.end(self)
            self.host.await_ready()


    def test_the_series_of_a_scanner_end_with_it(self):
        with self.server():
            self.start()
            self.host.await_ready()
            text = self.host.file.read_text(encoding="utf-8")
            kept = [line for line in text.splitlines() if not line.startswith("  second:")]
            self.host.file.write_text("\n".join(kept) + "\n", encoding="utf-8")
            self.assertIn('scanner="second"', self.host.ask("/metrics"))
            self.assertEqual(self.host.command("ctl", "reload")[0], 0)
            self.assertEqual([line for line in self.host.ask("/metrics").splitlines()
                              if 'scanner="second"' in line and not line.startswith("scanhost_reloads_total")], [])
            self.assertIn('scanhost_connection_up{scanner="%s"} 1' % SCANNER, self.host.ask("/metrics"))


for name in STATES:
    setattr(Running, "test_" + name, lambda self, label=name: self.check(label))


class Starting(Case):
    """A host starts, or a single cycle runs, while the state lasts."""

    def check(self, label):
        state = STATES[label]
        with self.server(reach=state.reach):
            self.seed()
            state.begin(self)
            if state.exit_code:
                self.ends_with(state.exit_code, state.says, self.settings(state.login))
                state.end(self)
            self.start(login=state.login)
            until(self.host.readiness, 30, self.host.text)
            if state.exit_code:
                self.host.await_ready()
            elif state.starts:
                until(self.host.scanners, 30, self.host.readiness)
                self.check_not_ready(label, state)
            else:
                until(lambda: state.says in self.host.readiness(), 30, lambda: self.host.readiness() + self.host.text())
                self.assertEqual(len(self.host.lines("waiting for the store")), 1)
            state.end(self)
            self.host.await_ready()
            until(lambda: self.done() == len(ITEMS), 30, lambda: "done: %d" % self.done())
            self.check_nobody_is_blamed()
            self.assertEqual(self.host.end(), 0)

    def check_once(self, label):
        state = STATES[label]
        with self.server(reach=state.reach):
            self.seed()
            state.begin(self)
            file = self.folder / "once.yaml"
            file.write_text("\n".join([*self.settings(state.login), "plugins: {path: ['%s']}" % world.OPTIONS.plugins,
                                       "admin: {listen: none}", ""]), encoding="utf-8")
            done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--once", "--config", str(file)],
                                  stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60)
            state.end(self)
            self.assertEqual(done.returncode, state.exit_code or 69, done.stdout + done.stderr)
            self.assertIn(state.says, done.stderr)
            self.assertLess(len(done.stderr.splitlines()), 10, done.stderr)


for name in STATES:
    setattr(Starting, "test_" + name, lambda self, label=name: self.check(label))
    setattr(Starting, "test_once_" + name, lambda self, label=name: self.check_once(label))


class Probation(Case):
    """A new build is put in while the state lasts."""

    def check(self, label):
        state = STATES[label]
        with self.server(reach=state.reach):
            plugins = self.folder / "plugins"
            shutil.copytree(world.OPTIONS.plugins, plugins, ignore=shutil.ignore_patterns("*.a", "CMakeFiles", "*.cmake"))
            self.start(plugins, state.login)
            self.host.await_ready()
            self.host.command("ctl", "pause")
            self.seed()
            with open(plugins / (SCANNER + ".so"), "ab") as file:
                file.write(b"another build")
            self.assertEqual(self.host.command("ctl", "reload", SCANNER)[0], 0)
            self.assertTrue(self.scanner()["probation"])
            state.begin(self)
            self.host.command("ctl", "resume")
            self.check_not_ready(label, state)
            cycles = self.scanner()["cycles"]
            if state.starts:
                until(lambda: self.scanner()["cycles"] > cycles + 4, 30, "more cycles than the probation lasts")
            self.assertTrue(self.scanner()["probation"])
            state.end(self)
            self.await_end(label)
            until(lambda: not self.scanner()["probation"], 30, "the build is judged")
            self.assertEqual([change["outcome"] for change in self.scanner()["history"]], ["started", "reloaded"])
            self.assertEqual(self.host.lines("rolling back"), [])
            self.check_nobody_is_blamed()


for name in STATES:
    setattr(Probation, "test_" + name, lambda self, label=name: self.check(label))


@contextlib.contextmanager
def turning_away(reply):
    """A server that says this to every client and closes at once, with what the client sent unread; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                client.sendall(reply)
                client.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


class Ends(Case):
    """What cannot pass by itself ends a host at its start, and a running one goes on when it was put right."""

    def with_store(self, text):
        return ["store: {url: '%s'%s}" % (self.url, text), *self.settings()[1:]]

    def test_a_wrong_password_ends_with_77(self):
        with self.server():
            self.ends_with(77, "WRONGPASS", self.with_store(", username: scanner, password_env: STATES_OTHER"))

    def test_a_missing_login_ends_with_77(self):
        with self.server():
            self.store.client.must("ACL", "SETUSER", "default", ">word")
            self.ends_with(77, "NOAUTH", self.with_store(""))

    def test_a_missing_right_ends_with_77(self):
        with self.server():
            self.store.client.must("ACL", "SETUSER", "scanner", "-function")
            self.ends_with(77, "NOPERM", self.settings())

    def test_a_database_that_does_not_exist_ends_with_78(self):
        with self.server():
            self.ends_with(78, "DB index is out of range",
                           self.with_store(", username: scanner, password_env: STATES_WORD, database: 99"))

    def test_what_a_server_says_before_it_closes_is_kept(self):
        rounds = 30  # the last words and the reset that follows them race
        for reply, code in ((b"-DENIED Redis is running in protected mode\r\n", 77),
                            (b"-ERR max number of clients reached\r\n", 69)):
            with turning_away(reply) as port, tempfile.TemporaryDirectory() as folder:
                self.folder = pathlib.Path(folder)
                file = self.folder / "c.yaml"
                file.write_text("\n".join(["store: {url: 'redis://127.0.0.1:%d'}" % port, *self.rest_of_settings(),
                                           "plugins: {path: ['%s']}" % world.OPTIONS.plugins, ""]), encoding="utf-8")
                for _ in range(rounds):
                    done = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "functions", "status", "--config",
                                           str(file)], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                                          timeout=60)
                    self.assertEqual(done.returncode, code, done.stderr)
                    self.assertIn(reply[1:-2].decode(), done.stderr)

    def test_a_command_that_the_server_does_not_know_is_named(self):
        with self.server("--rename-command", "FCALL", "HIDDEN"):
            self.seed()
            self.start()
            until(lambda: "does not know a command that is sent: ERR unknown command" in self.host.readiness(), 30,
                  self.host.text)
            self.check_nobody_is_blamed()

    def test_a_server_without_room_for_clients_is_waited_for(self):
        with self.server():
            self.seed()
            self.store.client.must("CONFIG", "SET", "maxclients", "1")
            self.start()
            until(lambda: "max number of clients" in self.host.readiness(), 30, self.host.text)
            self.store.client.must("CONFIG", "SET", "maxclients", "100")
            self.host.await_ready()
            until(lambda: self.done() == len(ITEMS), 30, "the items are done")

    def test_a_password_that_changed_on_the_server_is_named_until_it_is_put_right(self):
        with self.server():
            self.start()
            self.host.await_ready()
            self.store.client.must("ACL", "SETUSER", "scanner", "resetpass", ">new")
            self.store.client.must("CLIENT", "KILL", "USER", "scanner")
            until(lambda: "WRONGPASS" in self.host.readiness(), 30, self.host.readiness)
            self.store.client.must("ACL", "SETUSER", "scanner", ">word")
            self.host.await_ready()
            self.assertEqual((self.scanner()["items_in_back_off"], self.scanner()["restarts"]), (0, 0))
            self.assertNotIn("new", self.host.lines("WRONGPASS")[0].split("WRONGPASS")[1])


if __name__ == "__main__":
    world.main()
