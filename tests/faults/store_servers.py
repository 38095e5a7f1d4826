# SPDX-License-Identifier: Apache-2.0
"""Servers on TCP for tests of a store that is hard to reach: real ones, Sentinels, and peers that drop, are silent, or
pass on to whoever is behind them."""

import contextlib
import pathlib
import selectors
import shutil
import socket
import subprocess
import tempfile
import threading

from reload_host import OPTIONS, eventually  # noqa: F401  (its import sets the path of what follows)
from ports import free_port
from resp import ConnectionLost
from run_vectors import connect, ends_with_parent, find_server

HOST = "127.0.0.1"


class Server:
    """A real server; with `sentinel` a Sentinel. The test talks to it over a Unix socket."""

    def __init__(self, port=None, sentinel=False, arguments=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-server-"))
        self.port, self.sentinel, self.arguments = port or free_port(), sentinel, list(arguments)
        self.process = None
        self.start()

    def start(self):
        first = []
        if self.sentinel:
            file = self.folder / "sentinel.conf"
            file.touch()
            first = [str(file), "--sentinel"]
        self.process = subprocess.Popen(
            [find_server(), *first, "--port", str(self.port), "--bind", HOST, "--unixsocket", str(self.folder / "s"),
             "--save", "", "--appendonly", "no", "--dir", str(self.folder), *self.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=ends_with_parent())
        eventually(self.answers, "the server answers", 20)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("a server ended at its start with code %d" % self.process.returncode)
        try:
            return self.call("PING") == "PONG"
        except (OSError, ConnectionLost):
            return False

    def call(self, *words):
        with connect(str(self.folder / "s")) as client:
            return client.call(*words)

    def call_all(self, commands):
        with connect(str(self.folder / "s")) as client:
            return client.call_all(commands)

    def follow(self, primary):
        self.call("REPLICAOF", *(["NO", "ONE"] if primary is None else [HOST, str(primary.port)]))

    def role(self):
        return self.call("ROLE")[0]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Dropping:
    """A port whose queue is full: the kernel drops what comes."""

    def __init__(self, port=0, host=HOST):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.links = []
        for _ in range(8):
            link = socket.socket()
            link.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                link.connect((host, self.port))
            self.links.append(link)

    def close(self):
        for link in self.links:
            link.close()
        self.listener.close()


class Relay(threading.Thread):
    """Takes connections, and passes their bytes on to `target`, a port at the time of the connection; without one it is
    silent. What exists stays as it is when the target changes."""

    def __init__(self, port=0, target=None):
        super().__init__(daemon=True)
        self.target, self.selector = target, selectors.DefaultSelector()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((HOST, port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.ended = False
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.start()

    def run(self):
        while not self.ended:
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj.fileno() >= 0:  # its other end may have closed it a moment ago
                    self.pass_on(key.fileobj, key.data)

    def accept(self):
        link, _ = self.listener.accept()
        if self.target is None:
            self.selector.register(link, selectors.EVENT_READ, link)  # what comes is lost
            return
        onward = socket.socket()
        try:
            onward.connect((HOST, self.target))
        except OSError:
            link.close()
            onward.close()
            return
        self.selector.register(link, selectors.EVENT_READ, onward)
        self.selector.register(onward, selectors.EVENT_READ, link)

    def pass_on(self, source, target):
        try:
            data = source.recv(65536)
            if data and target is not source:
                target.sendall(data)
        except OSError:
            data = b""
        if data:
            return
        for end in {source, target}:
            with contextlib.suppress(KeyError):
                self.selector.unregister(end)
            end.close()

    def close(self):
        self.ended = True
        self.join()
        self.listener.close()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
