# SPDX-License-Identifier: Apache-2.0
"""A test's own client of a cluster."""

import binascii

from private_cluster import SLOTS

# Commands that are about no key: everything is said to each primary.
OF_SERVERS = ("FLUSHALL", "FUNCTION", "TIME", "WAIT")
SCRIPT_CALLS = ("FCALL", "EVAL", "EVALSHA")
AT_ONCE = 500  # commands in one write to a node


def slot_of(key):
    data = key.encode("utf-8", "surrogateescape")
    begin = data.find(b"{")
    end = data.find(b"}", begin + 1)
    if begin >= 0 and end > begin + 1:
        data = data[begin + 1:end]
    return binascii.crc_hqx(data, 0) % SLOTS


class ClusterClient:
    """As the client of one server. After slots have moved, or a replica has taken over, it has to look again."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.look()

    def look(self):
        self.primaries = [node.client for node in self.cluster.primaries()]
        self.owners = {}
        for node in self.cluster.primaries():
            self.owners.update((slot, node.client) for slot in self.cluster.slots_of(node))

    def owner(self, command):
        return self.owners[slot_of(command[3 if command[0] in SCRIPT_CALLS else 1])]

    def call(self, *command):
        if command[0] in OF_SERVERS:
            return [client.call(*command) for client in self.primaries][-1]
        return self.owner(command).call(*command)

    def must(self, *command):
        reply = self.call(*command)
        if hasattr(reply, "code"):
            raise RuntimeError("%s: %s" % (command, reply))
        return reply

    def call_all(self, commands):
        """Those for one node go together, in their order."""
        commands, places = list(commands), {}
        for place, command in enumerate(commands):
            places.setdefault(self.owner(command), []).append(place)
        replies = [None] * len(commands)
        for client, at in places.items():
            for start in range(0, len(at), AT_ONCE):
                some = at[start:start + AT_ONCE]
                for place, reply in zip(some, client.call_all(commands[place] for place in some)):
                    replies[place] = reply
        return replies
