#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where only few commands a second may go, every scanner gets on with its work, a little in each cycle.

    low_rate_test.py --bin DIR --plugins DIR --root DIR [--server NAME] [unittest arguments]
"""


import json
import subprocess

import world
from specimens import SPECIMENS

COMMANDS_PER_S = 50  # of each scanner
ITEMS = 30  # of each of two partitions: to read them all takes longer than what was read may be acted on
OTHER = {"{fp:0}": "{fp:1}", "{fp:1}": "{fp:0}", "{b:0}": "{b:1}", "{q:0}": "{q:1}"}
# Those whose items are in partitions, but for one that only counts them, and one that walks the keyspace.
SCANNERS = [scanner for scanner, specimen in SPECIMENS.items()
            if specimen.tag in OTHER and scanner not in ("index_reconciler", "flow_trimmer")]


class LowRate(world.Case):
    def items(self, scanner):
        tag = SPECIMENS[scanner].tag
        return [("%s-%d" % (scanner, number), here) for here in (tag, OTHER[tag]) for number in range(ITEMS)]

    def test_every_scanner_makes_progress_in_its_first_cycles(self):
        for scanner in SCANNERS:
            for name, tag in self.items(scanner):
                self.seed(scanner, [name], tag)
        keys = "interval: 100ms, budget: {time: 500ms}, rate: {commands_per_s: %d}" % COMMANDS_PER_S
        file = self.config(dict.fromkeys(SCANNERS, keys), "lanes: [default]")
        run = subprocess.run([str(world.OPTIONS.bin / "scanhost"), "run", "--cycles", "3", "--json", "--config", str(file)],
                             capture_output=True, encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        cycles = {report["name"]: report["cycles"] for report in json.loads(run.stdout)}
        for scanner in SCANNERS:
            with self.subTest(scanner=scanner):
                done = sum(self.done(scanner, name, tag) for name, tag in self.items(scanner))
                self.assertGreater(done, 0, cycles[scanner])
                self.assertEqual(sum(cycle["errors"] for cycle in cycles[scanner]), 0, run.stderr)


if __name__ == "__main__":
    world.main()
