# SPDX-License-Identifier: Apache-2.0
"""Ports for what a test starts.

A port that the kernel chose is given away again as soon as it is closed: to another test, or to a connection as
its own end. A server that takes it a moment later then fails now and then. Below the kernel's range nobody else
takes a port by chance. Tests that run beside each other reserve theirs by the name of a socket, as
tests/support/private_server.cpp does too; it is free again when the process has ended.
"""

import pathlib
import random
import socket

LOOPBACK = "127.0.0.1"
LOWEST = 10240
_reservations = []


def _first_of_kernel():
    """The first port that the kernel may choose."""
    return int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def reserve(port):
    """Whether the port is this process's from now on; no process gets one twice."""
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind("\0scanhost-test-port-%d" % port)
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    return True


def free_port(host=LOOPBACK):
    """A port that was free a moment ago, and that no other test was given."""
    end = _first_of_kernel()
    for _ in range(1000):
        port = random.randrange(LOWEST, end) if end > LOWEST else 0
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            port = probe.getsockname()[1]
        if reserve(port):
            return port
    raise OSError("no free port on %s" % host)
