# SPDX-License-Identifier: Apache-2.0
"""Ports of tests: no process is given one that another has."""

import pathlib
import random
import subprocess
import sys
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))

import ports  # noqa: E402

FEW = 5
# Draws from few ports, beside this process.
DRAW = """
import sys
sys.path.insert(0, sys.argv[1])
import ports
ports.LOWEST, ports._first_of_kernel = int(sys.argv[2]), lambda: int(sys.argv[3])
print(ports.free_port())
"""


class Ports(unittest.TestCase):
    def setUp(self):
        ports.LOWEST = random.randrange(10240, 30000)
        ports._first_of_kernel = lambda: ports.LOWEST + FEW

    def draw_elsewhere(self):
        return subprocess.run([sys.executable, "-c", DRAW, str(SUPPORT), str(ports.LOWEST), str(ports.LOWEST + FEW)],
                              capture_output=True, text=True, check=False)

    def draw_all(self):
        drawn = []
        while len(drawn) < FEW:
            try:
                drawn.append(ports.free_port())
            except OSError:
                break
        return drawn

    def test_no_port_is_given_twice(self):
        drawn = self.draw_all()
        self.assertEqual(len(drawn), len(set(drawn)))

    def test_another_process_gets_none_of_ours(self):
        self.draw_all()
        other = self.draw_elsewhere()
        self.assertNotEqual(other.returncode, 0)
        self.assertIn("no free port", other.stderr)

    def test_a_port_is_free_again_when_its_process_has_ended(self):
        first = self.draw_elsewhere()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn(int(first.stdout), self.draw_all())


if __name__ == "__main__":
    unittest.main()
