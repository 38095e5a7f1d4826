#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows what the engine's own scanners leave behind for ever, and that a host beside the engine finishes it.

    recorded_run.py --bin DIR --plugins DIR --engine FILE [--seconds 60]

Its output is in plugins/flowfabric.md. Each of the engine's seventeen scanners runs once a second, and so do those of
the host, which comes after so many seconds. For 30 s after a cancel the engine, and so the host, leaves a flow to the
server that was asked for it.
"""

import argparse
import collections
import pathlib
import re
import tempfile
import time

import engine
import world
from engine_test import Sweeper
from hosts import until

COLUMNS = "%6s  %-21s  %14s  %15s  %s"


class Run:
    def __init__(self, place, waiting):
        self._world, self._waiting, self._start = place, waiting, time.monotonic()

    def show(self, who):
        states = collections.Counter(self._world.engine.state(sibling) for sibling in self._waiting)
        print(COLUMNS % ("%.0f s" % (time.monotonic() - self._start), who, self._world.backlog(),
                         self._world.pending_groups(), ", ".join("%d %s" % (count, state)
                                                                 for state, count in sorted(states.items()))),
              flush=True)

    def is_finished(self):
        return self._world.backlog() == 0 and self._world.pending_groups() == 0


def counted_errors(log):
    """By scanner: the engine logs a line for each cycle that did something or failed."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(encoding="utf-8"))
    errors = collections.Counter()
    for scanner, count in re.findall(r'scan cycle complete scanner="(\w+)" .*errors=(\d+)', text):
        errors[scanner] += int(count)
    if not errors:
        raise AssertionError("the log of the engine has no line about a cycle:\n" + text)
    return ", ".join("%s %d" % pair for pair in sorted(errors.items()))


def run(folder, seconds):
    with engine.World(world.OPTIONS.engine, folder, engine.intervals(engine.YEAR_S)) as place:
        _, waiting, _ = place.make_interrupted_group()
        place.restart({**engine.intervals(1), "RUST_LOG": "ff_engine=info"})
        print(COLUMNS % ("time", "sweeping", "cancel_backlog", "groups to drain", "the other siblings"))
        shown = Run(place, waiting)
        for _ in range(4):
            place.cancel_half_done_flow()
            shown.show("engine")
            time.sleep(seconds / 4)  # the time that the engine gets is what is shown
        shown.show("engine")
        print("errors that the engine's scanners have counted: %s" % counted_errors(folder / "engine.log"))
        host = Sweeper(folder / "host", place.address, 1000)
        try:
            until(shown.is_finished, 60, "the host finishes everything")
            shown.show("engine and host")
        finally:
            host.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--bin", "--plugins", "--engine"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    world.OPTIONS = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scanhost-engine-") as folder:
        run(pathlib.Path(folder), world.OPTIONS.seconds)


if __name__ == "__main__":
    main()
