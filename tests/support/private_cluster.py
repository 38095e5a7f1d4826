# SPDX-License-Identifier: Apache-2.0
"""A real cluster of three primaries and three replicas on ports of 127.0.0.1, for tests of the real host."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from ports import free_port
from resp import ConnectionLost, ReplyError, connect
from run_vectors import ends_with_parent, find_server

SLOTS = 16384
PRIMARIES = 3
PATIENCE_S = 60


def eventually(check, what, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError("did not happen within %d s: %s" % (patience_s, what))
        time.sleep(0.02)


class Node:
    def __init__(self, folder, binary, timeout_ms=1500, more=()):
        self.port, self.bus = free_port(), free_port()
        folder.mkdir()
        self.folder, self.client = folder, None
        self.process = subprocess.Popen(
            [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly",
             "no", "--cluster-enabled", "yes", "--cluster-port", str(self.bus), "--cluster-config-file", "nodes",
             "--cluster-node-timeout", str(timeout_ms), "--repl-diskless-sync-delay", "0", "--logfile", str(folder / "log"),
             *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=ends_with_parent())
        eventually(self.answers, "a node answers")

    def answers(self):
        if not self.alive:
            raise AssertionError("a node ended at its start; the end of its log:\n" + (self.folder / "log").read_text()[-400:])
        try:
            self.client = connect("127.0.0.1:%d" % self.port)
            return self.client.call("PING") == "PONG"
        except (OSError, ConnectionLost):
            return False

    @property
    def alive(self):
        return self.process.poll() is None

    @property
    def is_primary(self):
        return self.alive and self.client.must("ROLE")[0] == "master"

    @property
    def tls_port(self):
        return int(self.client.must("CONFIG", "GET", "tls-port")[1])

    def id(self):
        return self.client.must("CLUSTER", "MYID")

    def freeze(self):
        """The process stands still, while its connections stay."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()


def with_tls(authority):
    """For Cluster's `more`: nodes that listen on a port with TLS, too, and talk to each other over it."""
    certificate, key = authority.issue("server")
    return lambda: ["--tls-port", str(free_port()), "--tls-cert-file", str(certificate), "--tls-key-file", str(key),
                    "--tls-ca-cert-file", str(authority.file), "--tls-auth-clients", "no", "--tls-cluster", "yes",
                    "--tls-replication", "yes"]


class Cluster:
    def __init__(self, binary=None, timeout_ms=1500, more=tuple):
        """`timeout_ms`: after which the nodes replace one that does not answer. `more`: called for the further arguments of
        each node."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-cluster-"))
        self.nodes = []
        self.binary, self.timeout_ms = binary or find_server(), timeout_ms
        try:
            for number in range(2 * PRIMARIES):
                self.nodes.append(Node(self.folder / str(number), self.binary, timeout_ms, more()))
            self.join()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for node in self.nodes:
            if node.alive:
                node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def join(self):
        first = self.nodes[0].client
        for number, node in enumerate(self.nodes[:PRIMARIES]):
            node.client.must("CLUSTER", "ADDSLOTSRANGE", SLOTS * number // PRIMARIES,
                             SLOTS * (number + 1) // PRIMARIES - 1)
            node.client.must("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            first.must("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)
        eventually(lambda: all("cluster_known_nodes:%d" % len(self.nodes) in node.client.must("CLUSTER", "INFO")
                               for node in self.nodes), "the nodes know each other")
        for number, node in enumerate(self.nodes[PRIMARIES:]):
            primary = self.nodes[number].id()
            eventually(lambda: not isinstance(node.client.call("CLUSTER", "REPLICATE", primary), ReplyError),
                       "a node becomes a replica")
        eventually(lambda: all("master_link_status:up" in node.client.must("INFO", "replication")
                               for node in self.nodes[PRIMARIES:]), "the replicas are in step")
        self.wait_until_ok()

    def is_ok(self):
        return all("cluster_state:ok" in info and "cluster_slots_ok:%d" % SLOTS in info for info in
                   (node.client.must("CLUSTER", "INFO") for node in self.nodes if node.alive))

    def wait_until_ok(self):
        eventually(self.is_ok, "the cluster is ready")

    def take_over(self, replica):
        """Makes it a primary at once. Returns when all agree: until then, the old one takes writes that are lost."""
        replica.client.must("CLUSTER", "FAILOVER", "FORCE")
        eventually(lambda: replica.is_primary, "the replica takes over")
        eventually(lambda: len(self.primaries()) == PRIMARIES, "the old primary becomes a replica")
        self.wait_until_ok()
        eventually(lambda: "master_link_status:up" in "".join(node.client.must("INFO", "replication") for node in self.nodes
                                                              if node.alive and not node.is_primary), "it is in step")

    def kill(self, node):
        """Kills a primary, and waits until its replica has taken its place."""
        node.kill()
        eventually(lambda: len(self.primaries()) == PRIMARIES, "a replica takes the place of the primary")
        eventually(lambda: all(node.port != entry[2][1] for other in self.nodes if other.alive
                               for entry in other.client.must("CLUSTER", "SLOTS")), "all nodes know the new primary")
        self.wait_until_ok()

    def add_primary(self):
        """A further primary, without slots."""
        node = Node(self.folder / str(len(self.nodes)), self.binary, self.timeout_ms)
        self.nodes.append(node)
        first = self.nodes[0]
        node.client.must("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus)
        ids = {other.id() for other in self.nodes if other.alive}
        eventually(lambda: all(ids <= {line.split(" ")[0] for line in other.client.must("CLUSTER", "NODES").splitlines()}
                               for other in self.nodes if other.alive), "all nodes know the new one")
        self.wait_until_ok()
        return node

    def remove(self, node):
        """Ends a node without slots, which all others forget."""
        gone = node.id()
        node.kill()
        for other in self.nodes:
            if other.alive:
                other.client.must("CLUSTER", "FORGET", gone)

    def slots_of(self, node):
        return [slot for first, last, primary, *_ in self.nodes[0].client.must("CLUSTER", "SLOTS")
                if primary[1] == node.port for slot in range(first, last + 1)]

    def primaries(self):
        return [node for node in self.nodes if node.is_primary]

    def owner(self, slot):
        """The node that says of itself that it serves the slot."""
        for node in self.primaries():
            for first, last, primary, *_ in node.client.must("CLUSTER", "SLOTS"):
                if first <= slot <= last and primary[1] == node.port:
                    return node
        raise AssertionError("nobody serves slot %d" % slot)

    def slot(self, key):
        return next(node for node in self.nodes if node.alive).client.must("CLUSTER", "KEYSLOT", key)

    def at(self, key):
        return self.owner(self.slot(key)).client

    def everywhere(self, *command):
        return [node.client.must(*command) for node in self.primaries()]

    def move_slots(self, slots, target):
        """As a resharding tool does it: each slot with its keys, then the news for all primaries."""
        for slot in slots:
            source = self.owner(slot)
            if source is target:
                continue
            target.client.must("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id())
            source.client.must("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id())
            while keys := source.client.must("CLUSTER", "GETKEYSINSLOT", slot, 100):
                source.client.must("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
            for node in (target, source, *(other for other in self.primaries() if other not in (target, source))):
                reply = node.client.call("CLUSTER", "SETSLOT", slot, "NODE", target.id())
                # One that has lost its last slot may be a replica by now.
                if isinstance(reply, ReplyError) and node.is_primary:
                    raise AssertionError(reply)
