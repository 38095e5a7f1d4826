# SPDX-License-Identifier: Apache-2.0
"""A network for one process and its children, in which nothing is but them."""

import ctypes
import fcntl
import socket
import struct

CLONE_NEWNET = 0x40000000
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8916, 0x8913, 0x8914
IFF_UP = 1


def own_network(address):
    """Moves the process into it. Besides 127.0.0.1 it has `address`, where servers do not see a client as one of their
    own machine. Returns that address; None: the process may not do that, and stays where it is."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        for name, at in ((b"lo", "127.0.0.1"), (b"lo:1", address)):
            fcntl.ioctl(device, SIOCSIFADDR,
                        struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(at)))
        flags = struct.unpack("16sH", fcntl.ioctl(device, SIOCGIFFLAGS, struct.pack("16sH22x", b"lo", 0))[:18])[1]
        fcntl.ioctl(device, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | IFF_UP))
    return address
