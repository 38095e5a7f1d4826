#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A primary and its replica behind one address, or listed in the configuration, change their roles. The host follows,
and every item is done once.

    store_roles_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import time

from reload_host import PARTITIONS, Host, eventually, main, seed, stamped
from store_servers import Relay, Server

ITEMS = 2000
FOLLOW_S = 10.0  # after the swap; includes the replica's first synchronization with a new primary


class Roles(Host):
    def setUp(self):
        super().setUp()
        self.first, self.second = Server(), Server()
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)
        self.follow(self.second, self.first)
        self.put(stamped(1))

    def follow(self, replica, primary):
        replica.follow(primary)
        eventually(lambda: replica.call("ROLE")[3] == "connected", "the replica follows")

    def swap(self):
        """The second becomes the primary; connections to the first stay open."""
        self.second.follow(None)
        self.first.follow(self.second)

    def give_work(self, server, source):
        seed(server, "due", source, 0, ITEMS)

    def done_once(self, server, total):
        def done():
            flat = server.call_all([["HGETALL", "due:done:{s:%d}" % n] for n in range(PARTITIONS)])
            return [count for reply in flat for count in reply[1::2]]
        eventually(lambda: len(done()) == total, lambda: "%d of %d are done: %s" % (len(done()), total, self.log()), FOLLOW_S)
        self.assertEqual(set(done()), {"1"})

    def follows_a_swap(self):
        self.write()
        self.start()
        self.give_work(self.first, "before")
        self.done_once(self.first, ITEMS)
        eventually(lambda: self.first.call("WAIT", "1", "1000") == 1, "the replica has it all")
        self.swap()
        self.give_work(self.second, "after")
        self.done_once(self.second, 2 * ITEMS)
        self.assertLess(self.log().count("is a replica"), 5, self.log())
        self.assertGreater(self.metric("scanhost_reconnects_total"), 0)


class BehindOneAddress(Roles):
    def setUp(self):
        super().setUp()
        self.relay = Relay(target=self.first.port)
        self.addCleanup(self.relay.close)

    def store(self):
        return "url: 'valkey://127.0.0.1:%d'" % self.relay.port

    def swap(self):
        super().swap()
        self.relay.target = self.second.port

    def test_the_host_follows_the_primary(self):
        self.follows_a_swap()

    def test_the_host_waits_for_a_primary_at_its_start(self):
        self.relay.target = self.second.port
        self.write()
        self.start(ready=False)
        eventually(lambda: "the server is a replica of 127.0.0.1:%d" % self.first.port in self.log(), self.log)
        self.relay.target = self.first.port
        eventually(self.answers, self.log)
        self.cycles_pass()


class InAList(Roles):
    def store(self):
        return "addresses: ['127.0.0.1:%d', '127.0.0.1:%d']" % (self.first.port, self.second.port)

    def test_the_host_follows_the_primary(self):
        self.follows_a_swap()

    def test_a_primary_that_dies_is_replaced_by_the_next(self):
        self.write()
        self.start()
        self.cycles_pass()
        self.first.kill()
        self.second.follow(None)
        began = time.monotonic()
        self.give_work(self.second, "after")
        self.done_once(self.second, ITEMS)
        self.assertLess(time.monotonic() - began, FOLLOW_S)


if __name__ == "__main__":
    main()
