#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A primary with two replicas that three Sentinels watch. Through failovers, ordered and after a kill, the host drains on:
every item is done, none twice, and work goes on within 2 s of the new primary.

    store_sentinel_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [--items N] [unittest arguments]
"""

import sys
import time

from reload_host import PARTITIONS, Host, eventually, main, seed, stamped
from store_servers import Server
from ports import free_port

ITEMS = 20_000
if "--items" in sys.argv:
    at = sys.argv.index("--items")
    ITEMS = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
RESUME_S = 2.0
NAME = "mymaster"


class Sentinels(Host):
    scanners = ("drains_due: {interval: 100ms, page_size: 20, budget: {calls: 1000}}",)

    def setUp(self):
        super().setUp()
        self.servers = [Server() for _ in range(3)]
        for server in self.servers:
            self.addCleanup(server.close)
        for replica in self.servers[1:]:
            replica.follow(self.servers[0])
        eventually(lambda: all(replica.call("ROLE")[3] == "connected" for replica in self.servers[1:]), "they follow")
        self.sentinels = [Server(sentinel=True) for _ in range(3)]
        for sentinel in self.sentinels:
            self.addCleanup(sentinel.close)
            sentinel.call("SENTINEL", "MONITOR", NAME, "127.0.0.1", str(self.servers[0].port), "2")
            sentinel.call("SENTINEL", "SET", NAME, "down-after-milliseconds", "1000", "failover-timeout", "5000")
        eventually(self.all_is_known, "the Sentinels know everything")
        self.put(stamped(1))

    def all_is_known(self):
        return all(len(sentinel.call("SENTINEL", "REPLICAS", NAME)) == 2 and
                   len(sentinel.call("SENTINEL", "SENTINELS", NAME)) == 2 for sentinel in self.sentinels)

    def store(self):
        # The first is not there: the others are asked.
        return ("mode: sentinel, addresses: ['127.0.0.1:%d', '127.0.0.1:%d'], sentinel: {primary: %s}"
                % (free_port(), self.sentinels[0].port, NAME))

    def primary(self):
        """The server that the Sentinels agree on and that is a primary; None: there is none."""
        named = {tuple(sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)) for sentinel in self.sentinels}
        if len(named) != 1:
            return None
        port = int(named.pop()[1])
        found = next(server for server in self.servers if server.port == port)
        return found if found.process.poll() is None and found.role() == "master" else None

    def count_done(self, server):
        return sum(server.call_all([["HLEN", "due:done:{s:%d}" % n] for n in range(PARTITIONS)]))

    @staticmethod
    def synchronized(primary):
        """Whether both replicas have everything that was written so far."""
        _, offset, replicas = primary.call("ROLE")
        return len(replicas) == 2 and all(int(replica[2]) >= offset for replica in replicas)

    def drains_through(self, fail_over):
        old = self.servers[0]
        seed_all(old)
        eventually(lambda: self.synchronized(old), "the replicas have it all")
        self.write()
        self.start()
        eventually(lambda: self.count_done(old) > ITEMS // 10, self.log)
        fail_over(old)
        new = eventually(lambda: (lambda found: found if found not in (None, old) else None)(self.primary()),
                         "a new primary", 60)
        before, recovered = self.count_done(new), time.monotonic()
        self.assertLess(before, ITEMS, "all was done before the failover: nothing was tested")
        eventually(lambda: self.count_done(new) > before, self.log)
        self.assertLess(time.monotonic() - recovered, RESUME_S, self.log())
        eventually(lambda: self.count_done(new) == ITEMS, lambda: "%d done: %s" % (self.count_done(new), self.log()), 120)
        counts = new.call_all([["HVALS", "due:done:{s:%d}" % n] for n in range(PARTITIONS)])
        self.assertEqual({count for reply in counts for count in reply}, {"1"}, "done twice")
        self.assertLess(self.log().count("warning"), 10, self.log())

    def test_an_ordered_failover(self):
        self.drains_through(lambda old: eventually(
            lambda: self.sentinels[0].call("SENTINEL", "FAILOVER", NAME) == "OK", "the failover begins"))

    def test_a_primary_that_is_killed(self):
        self.drains_through(lambda old: old.kill())

    def test_the_host_starts_while_there_is_no_primary_and_one_sentinel_is_gone(self):
        self.sentinels[2].kill()
        self.servers[0].kill()
        self.write()
        self.start(ready=False)
        eventually(self.answers, self.log, 60)
        self.cycles_pass()


def seed_all(server):
    for first in range(0, ITEMS, 2000):
        seed(server, "due", "item", first, min(2000, ITEMS - first))


if __name__ == "__main__":
    main()
