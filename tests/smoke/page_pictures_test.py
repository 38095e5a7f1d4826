#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the page, each of which is checked to show what it is a picture of.

    page_pictures_test.py --root DIR --pictures DIR [unittest arguments]

The pictures remain in the folder, for people to look at. Exits with 77 where Chromium is missing.
"""

import argparse
import pathlib
import struct
import sys
import unittest

import page_accessibility_test
import page_test
from page_accessibility_test import OVERVIEW, PHONE, UNBLOCK

PICTURES = None
PHONE_HOW = {"size": PHONE, "phone": True}


def width_of(png):
    return struct.unpack(">I", png[16:20])[0]


class Pictures(page_accessibility_test.sight_test):
    run_before_picture = ""

    def take(self, name, texts, mode, view=OVERVIEW, absent=(), **how):
        """Takes the picture and checks that these texts are seen in it, and that nothing is cut off at its right."""
        seer = self.look(mode, view, **how)
        self.run_script(self.run_before_picture)
        seer.take_picture(PICTURES / (name + ".png"))
        seen, inner, wide = self.run_script(
            "return [document.body.innerText, innerWidth, document.documentElement.scrollWidth];")
        for text in texts:
            self.assertIn(text, seen)
        for text in absent:
            self.assertNotIn(text, seen)
        self.assertEqual(inner, how.get("size", (1280, 900))[0])
        self.assertLessEqual(wide, inner)
        picture = (PICTURES / (name + ".png")).read_bytes()
        self.assertEqual(width_of(picture), inner * (2 if how.get("phone") else 1))

    def test_of_a_healthy_host(self):
        self.take("normal", ["No trouble", "valkey://127.0.0.1:6379, up", "19 scanners, 19 ready"] + page_test.NAMES, "normal",
                  absent=["Trouble "])

    def test_of_an_outage(self):
        self.take("outage", ["The store valkey://127.0.0.1:6379 is down", "All 19 scanners", "19 scanners, 0 ready"], "outage")

    def test_of_an_outage_on_a_dark_phone(self):
        self.take("outage-phone-dark", ["2 troubles", "is down"], "outage", dark=True, **PHONE_HOW)

    def test_of_a_stuck_scanner(self):
        self.take("stuck", ["1 trouble", "retention_trimmer is stuck: scan has not returned for 30 s"], "stuck")

    def test_of_the_view_of_a_stuck_scanner(self):
        self.take("stuck-view", ["stuck", "generations stuck", "Lateness p99"], "stuck", "#/scanner/retention_trimmer")

    def test_of_a_build_that_was_rolled_back(self):
        self.take("rolled-back", ["1 to look at", "was rolled back from 1.1.0, build abababababab"], "rolled_back")

    def test_of_the_view_of_a_build_that_was_rolled_back(self):
        self.take("rolled-back-view", ["Roll back ...", "rolled back", "12 of 40 items failed"], "rolled_back",
                  "#/scanner/attempt_timeout")

    def test_of_failing_items(self):
        self.take("failing-items", ["execution-11<i>", "ERR the record has no field <b>state</b>", "Lateness p99"], "back_off",
                  UNBLOCK)

    def test_of_a_phone(self):
        self.take("phone", ["1 trouble, 3 to look at", "lease_expiry"], "all", **PHONE_HOW)

    def test_of_a_view_on_a_phone(self):
        self.take("phone-view", ["unblock", "Processed: ", "execution-0<i>"], "back_off", UNBLOCK, **PHONE_HOW)

    def test_of_a_dark_screen(self):
        self.take("dark", ["1 trouble, 3 to look at", "DRY RUN", "paused"], "all", dark=True)

    def test_of_a_view_on_a_dark_screen(self):
        self.take("dark-view", ["unblock", "items in back-off", "Lateness p99"], "all", UNBLOCK, dark=True)

    def test_of_other_hosts(self):
        self.run_before_picture = "await until(() => at('#peers td'), 'the other hosts');"
        self.take("peers", ["Other hosts", "10.0.0.2:9464", "1 trouble: retention_trimmer is stuck", "no answer"], "peers")

    def test_of_a_host_that_asks_for_a_token(self):
        self.take("token", ["This host shows itself only to those who have its token.", "Enter token ..."], "read_token")

    def test_of_a_host_that_does_not_answer(self):
        self.take("no-answer", ["The host does not answer"], "broken")


def main():
    global PICTURES
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=page_test.ROOT)
    parser.add_argument("--pictures", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    page_test.ROOT, PICTURES = options.root, options.pictures
    result = unittest.main(argv=[sys.argv[0]] + rest, verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == 0 else 0)


if __name__ == "__main__":
    main()
