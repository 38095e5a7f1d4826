#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The alerts and the dashboard: promtool takes them, each alert is tested and explained, every expression parses.

    alerts_test.py ROOT
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop() if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
FOLDER = ROOT / "packaging" / "prometheus"
RULES = FOLDER / "scanhost.rules.yaml"
TESTS = FOLDER / "scanhost.rules.test.yaml"
DASHBOARD = ROOT / "packaging" / "grafana" / "scanhost.json"


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=120, cwd=FOLDER)


def alerts():
    return re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))


class Alerts(unittest.TestCase):
    def test_promtool_takes_the_rules(self):
        done = promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_fires_and_is_silent_as_its_tests_say(self):
        done = promtool("test", "rules", TESTS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_has_a_test_that_fires_and_one_that_is_silent(self):
        names = set(re.findall(r"- name: (\w+ (?:fires|is silent))", TESTS.read_text(encoding="utf-8")))
        self.assertEqual(names, {"%s %s" % (alert, how) for alert in alerts() for how in ("fires", "is silent")})

    def test_the_runbook_has_an_entry_for_each_and_no_other(self):
        entries = re.findall(r"^## (\w+)$", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M)
        self.assertEqual(entries, alerts())
        links = re.findall(r'runbook\.md#(\w+)"', RULES.read_text(encoding="utf-8"))
        self.assertEqual(links, [alert.lower() for alert in alerts()])


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.board = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    def test_every_expression_is_promql(self):
        lines = ["groups: [{name: dashboard, rules: ["]
        for panel in self.board["panels"]:
            for target in panel["targets"]:
                expression = target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$scanner", ".*")
                lines.append("  {record: panel, labels: {n: '%d%s'}, expr: %s}," % (
                    panel["id"], target["refId"], json.dumps(expression)))
        lines.append("]}]")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("\n".join(lines))
            file.flush()
            done = promtool("check", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_panels_have_their_own_places_and_numbers(self):
        panels = self.board["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        places = [panel["gridPos"] for panel in panels]
        for i, a in enumerate(places):
            self.assertLessEqual(a["x"] + a["w"], 24)
            for b in places[i + 1:]:
                apart = (a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"]
                         or b["y"] + b["h"] <= a["y"])
                self.assertTrue(apart, (a, b))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
