#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many reloads of one scanner while it drains a live workload: every item is done once, and no resource grows.

    reload_long_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]

SCANHOST_RELOADS sets the number of reloads; the default is 40.
"""

import os
import pathlib
import re

from reload_host import Host, eventually, main, stamped, version

RELOADS = int(os.environ.get("SCANHOST_RELOADS", "40"))
WARM_UP = 10  # reloads until the allocator and the caches have reached their size


class Long(Host):
    def figures(self):
        """The figures of the host at rest after a reload, when the copy of only one generation is mapped."""
        self.only_one_copy_is_mapped()
        proc = pathlib.Path("/proc/%d" % self.process.pid)
        status = (proc / "status").read_text()
        return {"rss_kib": int(re.search(r"^VmRSS:\s+(\d+)", status, flags=re.M).group(1)),
                "threads": int(re.search(r"^Threads:\s+(\d+)", status, flags=re.M).group(1)),
                "maps": len((proc / "maps").read_text().splitlines()),
                "fds": len(list((proc / "fd").iterdir())),
                "staged": len(list(self.staging.rglob("*.so")))}

    def reload(self, number):
        self.put(stamped(number))
        self.done("reload")

    def test_reloads_under_load_lose_nothing_double_nothing_and_leave_nothing(self):
        self.started()
        load = self.under_load()
        early = {}
        for number in range(2, 2 + RELOADS):
            self.reload(number)
            if number == 1 + WARM_UP:
                early = self.figures()
        self.works(1 + RELOADS)
        late = self.figures()
        self.end_load(load)
        self.all_done_once()
        calls = self.sums("calls")
        print("\n%d reloads, %d items done by %d builds; after %d reloads %s, at the end %s"
              % (RELOADS, self.seeded["due"], len(calls), WARM_UP, early, late))
        now = self.status()
        self.assertEqual(now["generation"], 1 + RELOADS)
        self.assertEqual((now["pinned_builds"], now["stuck_generations"], now["restarts"]), (0, 0, 0))
        self.assertGreater(len(calls), RELOADS // 2, "the workload must have been live")
        self.assertIn(version(1 + RELOADS), calls)
        self.assertEqual(late["threads"], early["threads"])
        self.assertLessEqual(late["maps"], early["maps"] + 10)
        self.assertLessEqual(late["fds"], early["fds"] + 5)
        self.assertLessEqual(late["staged"], early["staged"] + 2)
        self.assertLessEqual(late["rss_kib"], early["rss_kib"] + 8 * 1024)

    def test_the_history_keeps_the_last_ones_only(self):
        self.started()
        for number in range(2, 26):
            self.reload(number)
        history = self.status()["history"]
        self.assertEqual(len(history), 20)
        self.assertEqual(history[-1]["generation"], 25)
        eventually(lambda: not self.status()["probation"], self.log)


if __name__ == "__main__":
    main()
