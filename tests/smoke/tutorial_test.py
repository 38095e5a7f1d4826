#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows sdk/README.md as a new author would: installs, copies its files into an empty folder, and runs its
commands as they are written there, with the real host.

    tutorial_test.py --cmake CMAKE --build DIR --cc CC --cxx CXX [--server NAME] [unittest arguments]

Only the address of the store and the folder are replaced; `redis-cli` gets the private server's socket.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "abi")]

from outside_tree import readme_folders  # noqa: E402
from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 60


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-tutorial-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.prefix = self.folder / "prefix"
        subprocess.run([OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", self.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        self.readme = next(self.prefix.glob("share/doc/scanhost-sdk/README.md"))
        server = private_server(OPTIONS.server)
        self.address = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.client = connect(self.address)
        self.addCleanup(self.client.close)
        self.write_redis_cli()
        readme_folders(self.readme, self.folder)

    def write_redis_cli(self):
        tool = self.folder / "tools" / "redis-cli"
        tool.parent.mkdir()
        tool.write_text('#!/bin/sh\nexec %s -s "%s" "$@"\n' % (shutil.which("redis-cli"), self.address))
        tool.chmod(0o755)

    def start(self, script):
        environment = dict(os.environ, CC=OPTIONS.cc, CXX=OPTIONS.cxx, CMAKE_PREFIX_PATH=str(self.prefix),
                           XDG_STATE_HOME=str(self.folder / "state"), STATE_DIRECTORY=str(self.folder / "state"),
                           PATH="%s:%s:%s" % (self.folder / "tools", self.prefix / "bin", os.environ["PATH"]))
        return subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")

    def shell(self, script):
        done = self.start(script)
        printed, log = done.communicate(timeout=300)
        self.assertEqual(done.returncode, 0, script + printed + log)
        return printed

    def section(self, title):
        text = self.readme.read_text(encoding="utf-8")
        return re.search(r"^## %s\n(.*?)(?=^## )" % re.escape(title), text, flags=re.M | re.S).group(1)

    def write_config(self, folder, text, socket="none"):
        text = re.sub(r"url: \S+", "url: unix://" + self.address, text)
        text = re.sub(r"path: \[.*\]", "path: [%s]" % (self.folder / folder / "build"), text)
        (self.folder / folder / "scanhost.yaml").write_text(text + "admin: {listen: none, socket: %s}\n" % socket, encoding="utf-8")

    def test_the_scanner_in_cpp_does_what_the_tutorial_says(self):
        section = self.section("In ten minutes: a scanner in C++")
        (config,) = re.findall(r"```yaml\n(.*?)```", section, flags=re.S)
        self.write_config("stale_carts", config)
        commands = re.findall(r"```sh\n(.*?)```", section, flags=re.S)
        self.assertEqual(len(commands), 2)
        printed = self.shell("".join(commands))
        self.assertIn("keep", printed)
        self.assertIn("stale_carts", self.shell("scanhost plugin list --plugins stale_carts/build"))
        self.assertIn('"processed": 1,', printed)
        self.assertEqual(printed.splitlines()[-1], "fresh")
        self.assertEqual(self.client.must("EXISTS", "cart:{shard:3}:old"), 0)

    def test_a_folder_to_begin_with_keeps_the_rules(self):
        title = "A folder to begin with, and whether it keeps the rules"
        (commands,) = re.findall(r"```sh\n(.*?)```", self.section(title), flags=re.S)
        printed = self.shell(commands)
        self.assertIn("100% tests passed", printed)
        self.assertRegex(printed.splitlines()[-1], r"^parcels .*: all \d+ checks passed$")

    def status(self):
        """Of the only scanner; nothing until the host answers and has started it."""
        done = self.start("cd stale_carts\nscanhost ctl status --json --config scanhost.yaml\n")
        printed, _ = done.communicate(timeout=60)
        if done.returncode != 0:
            return None
        return next(iter(json.loads(printed)["scanners"]), None)

    def wait_for(self, holds, host):
        """The scanner's status, once it is as expected."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.assertIsNone(host.poll(), "the host ended")
            scanner = self.status()
            if scanner is not None and holds(scanner):
                return scanner
            self.assertLess(time.monotonic(), deadline, scanner)
            time.sleep(0.05)

    def seed(self, stop, seeded):
        """Adds stale carts until it is told to stop."""
        with connect(self.address) as client:
            while not stop.wait(0.005):
                number = len(seeded)
                seeded.append(number)
                client.must("HSET", "cart:{shard:%d}:cart-%d" % (number % 8, number), "apples", 2)
                client.must("ZADD", "carts:{shard:%d}:by_touch" % (number % 8), number + 1, "cart-%d" % number)

    def test_the_scanner_is_changed_while_it_runs(self):
        (config,) = re.findall(r"```yaml\n(.*?)```", self.section("In ten minutes: a scanner in C++"), flags=re.S)
        self.write_config("stale_carts", config.replace("2s", "200ms"), socket="control.sock")
        self.shell("cd stale_carts\ncmake -S . -B build -DCMAKE_BUILD_TYPE=Release\ncmake --build build\n")
        run, change = re.findall(r"```sh\n(.*?)```", self.section("Changing it while it runs"), flags=re.S)
        host = self.start("cd stale_carts\nexec %s > host.log 2>&1" % run.strip())
        self.addCleanup(host.communicate)
        self.addCleanup(host.terminate)
        stop, seeded = threading.Event(), []
        seeder = threading.Thread(target=self.seed, args=(stop, seeded))
        seeder.start()
        self.addCleanup(seeder.join)
        self.addCleanup(stop.set)
        first = self.wait_for(lambda scanner: scanner["totals"]["processed"] > 0, host)
        self.assertEqual(first["generation"], 1)
        self.shell("cd stale_carts\n" + change)
        second = self.wait_for(lambda scanner: scanner["generation"] == 2, host)
        self.assertNotEqual(second["sha256"], first["sha256"])
        self.assertEqual(second["history"][-1]["version"], "1.1.0", second["history"])
        # Copied over the old file, not replaced by a rename.
        self.shell("cd stale_carts\nsed -i 's/1\\.1\\.0/1.2.0/' stale_carts.cpp\n"
                   "cmake -S . -B next -DCMAKE_BUILD_TYPE=Release\ncmake --build next\n"
                   "cp next/stale_carts.so build/stale_carts.so\n")
        self.wait_for(lambda scanner: scanner["generation"] == 3, host)
        stop.set()
        seeder.join()
        last = self.wait_for(lambda scanner: scanner["totals"]["processed"] >= len(seeded), host)["totals"]
        self.assertGreater(len(seeded), 100)
        self.assertEqual((last["processed"], last["unchanged"], last["errors"]), (len(seeded), 0, 0))
        self.assertEqual(self.client.must("DBSIZE"), 0)

    def test_a_plugin_is_tried_against_a_server_of_its_own(self):
        (commands,) = re.findall(r"```sh\n(.*?)```", self.section("Trying it against a server of its own"), flags=re.S)
        self.shell("cd stale_carts\ncmake -S . -B build\ncmake --build build\n")
        printed = self.shell(commands)
        self.assertIn('"processed": 1,', printed)
        self.assertEqual(printed.splitlines()[-2:], ["fresh", "0"])
        self.assertEqual(self.client.must("DBSIZE"), 0)
        failed = self.shell("scanhost-try stale_carts/build/stale_carts.so --option kept=1h 2>&1 || echo code $?")
        self.assertIn("unknown option 'kept'", failed)
        self.assertEqual(failed.splitlines()[-1], "code 78")

    def test_the_example_of_the_front_page_builds_and_runs(self):
        text = (TESTS.parent / "README.md").read_text(encoding="utf-8")
        (code,) = re.findall(r"```cpp\n(.*?)```", text, flags=re.S)
        (cmake,) = re.findall(r"```cmake\n(.*?)```", text, flags=re.S)
        folder = self.folder / "long_queues"
        folder.mkdir()
        (folder / "long_queues.cpp").write_text(code, encoding="utf-8")
        (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(long_queues)\n" + cmake,
                                               encoding="utf-8")
        self.write_config("long_queues", "store:\n  url: x\nplugins:\n  path: [x]\n"
                                         "scanners: {long_queues: {options: {max_length: 2}}}\n")
        self.client.must("RPUSH", "queue:{shard:4}", "a", "b", "c")
        self.shell("cd long_queues\ncmake -S . -B build\ncmake --build build\n"
                   "scanhost run --once --json --config scanhost.yaml > report.json 2> log\n")
        (report,) = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual((report["processed"], report["errors"]), (1, 0))
        self.assertIn("queue:{shard:4} is too long", (folder / "log").read_text(encoding="utf-8"))

    def test_the_installed_host_finds_its_own_plugins(self):
        listed = json.loads(self.shell("scanhost plugin list --json"))
        built = {file.stem for file in (pathlib.Path(OPTIONS.build) / "plugins").glob("*.so")}
        self.assertGreater(len(built), 10)
        self.assertEqual({plugin["name"] for plugin in listed["plugins"]}, built)
        self.assertEqual(listed["refused"], [])
        self.assertIn("ff_promote_delayed", self.shell("scanhost functions print"))

    def test_the_scanner_in_c_runs_too(self):
        self.write_config("log_trimmer", "store:\n  url: x\nplugins:\n  path: [x]\n"
                                         "scanners: {log_trimmer: {options: {keep: 1m}}}\n")
        for second in range(2500):
            self.client.must("XADD", "log:{shard:5}", "%d-1" % (second + 1), "line", "text")
        self.client.must("XADD", "log:{shard:5}", "*", "line", "now")
        printed = self.shell("cd log_trimmer\ncmake -S . -B build\ncmake --build build\n"
                             "scanhost run --once --json --config scanhost.yaml > report.json\n")
        (report,) = json.loads((self.folder / "log_trimmer" / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(report["errors"], 0, printed)
        self.assertGreater(report["processed"], 2000)
        self.assertLess(self.client.must("XLEN", "log:{shard:5}"), 500)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ("cmake", "build", "cc", "cxx"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
