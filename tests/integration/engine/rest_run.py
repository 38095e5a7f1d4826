#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many commands a second the store gets at rest: from the engine's own scanners, and from the host in their place.

    rest_run.py --bin DIR --plugins DIR --engine FILE [--seconds 30]

Both at their default intervals, over the engine's default numbers of partitions (256, 32, 32).
"""

import argparse
import pathlib
import re
import tempfile
import time

import engine
import world
from engine_test import Shipped

PARTITIONS = {"FF_FLOW_PARTITIONS": "256", "FF_BUDGET_PARTITIONS": "32", "FF_QUOTA_PARTITIONS": "32",
              "FF_LANES": "default"}


def commands(client):
    return int(re.search(r"total_commands_processed:(\d+)", client.must("INFO", "stats"))[1])


def measure(client, seconds):
    time.sleep(5)  # the cycles at the start
    before, start = commands(client), time.monotonic()
    time.sleep(seconds)
    return (commands(client) - before) / (time.monotonic() - start)


def run(folder, seconds):
    (folder / "first").mkdir()
    (folder / "second").mkdir()
    with engine.World(world.OPTIONS.engine, folder / "first", PARTITIONS) as place:
        print("the engine:           %5.0f commands/s" % measure(place.client, seconds), flush=True)
    with engine.World(world.OPTIONS.engine, folder / "second",
                      {**PARTITIONS, **engine.intervals(engine.YEAR_S)}) as place:
        host = Shipped(folder / "host", place.address, None)
        try:
            print("the host in its place: %4.0f commands/s" % measure(place.client, seconds))
        finally:
            host.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--bin", "--plugins", "--engine"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=30)
    world.OPTIONS = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scanhost-engine-") as folder:
        run(pathlib.Path(folder), world.OPTIONS.seconds)


if __name__ == "__main__":
    main()
