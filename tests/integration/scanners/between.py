# SPDX-License-Identifier: Apache-2.0
"""A proxy between the host and its server that passes on one command at a time, so that a test can act at an
exact moment."""

import dataclasses
import io
import os
import pathlib
import socket
import sys
import threading
from typing import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "contract"))

from resp import encode  # noqa: E402


def read_request(reader):
    """One command as a list of strings; None at the end."""
    line = reader.readline()
    if not line.startswith(b"*"):
        return None
    parts = []
    for _ in range(int(line[1:])):
        length = int(reader.readline()[1:])
        parts.append(reader.read(length + 2)[:-2].decode("utf-8", "surrogateescape"))
    return parts


def read_reply(reader):
    """One reply, as the server wrote it."""
    line = reader.readline()
    raw, kind, rest = line, line[:1], line[1:-2]
    if kind == b"$" and int(rest) >= 0:
        raw += reader.read(int(rest) + 2)
    elif kind == b"*":
        for _ in range(max(int(rest), 0)):
            raw += read_reply(reader)
    return raw


class _Counting(io.RawIOBase):
    """Reads of a socket, counted."""

    def __init__(self, client, owner):
        super().__init__()
        self._client, self._owner = client, owner

    def readable(self):
        return True

    def readinto(self, room):
        size = self._client.recv_into(room)
        self._owner.writes += 1
        return size


@dataclasses.dataclass
class Plan:
    text: str  # each of its words must occur in an argument of the command
    action: Callable = None
    answer: bytes = None  # empty: no answer, the connection is closed
    later: int = 0  # how many matching commands are passed on before

    def fits(self, command):
        if not all(any(word in part for part in command) for word in self.text.split(" ")):
            return False
        self.later -= 1
        return self.later < 0


class Between:
    """Passes commands on, and before that does what a test has asked for."""

    def __init__(self, folder, server):
        self.address = str(folder / "between.sock")
        self.seen = []  # every command, in order
        self.writes = 0  # how many reads from the host returned data
        self._server, self._plans, self._lock = server, [], threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self.address)

    def before(self, text, action):
        """Runs the action before the server gets the first command that has each word of the text in an argument."""
        self._plans.append(Plan(text, action=action))

    def answer(self, text, raw, later=0):
        """Gives this answer to such a command, the first or a later one; the server does not get it."""
        self._plans.append(Plan(text, answer=raw, later=later))

    def lose(self, text, later=0):
        """Passes such a command on to the server, and closes the connection instead of answering."""
        self._plans.append(Plan(text, answer=b"", later=later))

    def done(self):
        """Whether everything that was asked for has happened."""
        return not self._plans

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
            self._threads[-1].start()

    def _serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        with client, server:
            try:
                server.connect(self._server)
                self._pass_on(client, server)
            except OSError:
                pass  # one side closed its connection, as the test intends

    def _pass_on(self, client, server):
        requests, replies = io.BufferedReader(_Counting(client, self), 1 << 20), server.makefile("rb")
        while (command := read_request(requests)) is not None:
            with self._lock:
                self.seen.append(command)
                action, answer = self._planned(command)
            if action:
                action()
            if not answer:
                server.sendall(encode(command))
                reply = read_reply(replies)
                if answer is not None:
                    client.shutdown(socket.SHUT_RDWR)
                    return
            client.sendall(answer or reply)

    def _planned(self, command):
        for plan in self._plans:
            if plan.fits(command):
                self._plans.remove(plan)
                return plan.action, plan.answer
        return None, None
