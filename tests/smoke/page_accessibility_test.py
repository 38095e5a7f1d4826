#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page for those who use a keyboard, a screen reader, large letters or a phone.

    page_accessibility_test.py --root DIR [--axe FILE] [unittest arguments]

FILE is the script of axe-core, which packaging/packages.sh puts into the build folder where npm is; without it the rules
of axe-core are not checked. Exits with 77 where nothing could be checked.
"""

import argparse
import pathlib
import sys
import unittest

import browser
import page_test

AXE = None
PHONE = (390, 844)
OVERVIEW, UNBLOCK, GONE = "", "#/scanner/unblock", "#/scanner/gone"
# What is seen: mode, view, and how the browser differs from one with a light screen of 1280x900.
SIGHTS = [
    ("normal", OVERVIEW, {}), ("all", OVERVIEW, {}), ("all", OVERVIEW, {"dark": True}), ("outage", OVERVIEW, {}),
    ("outage", OVERVIEW, {"dark": True}), ("all", OVERVIEW, {"size": PHONE, "phone": True}), ("broken", OVERVIEW, {}),
    ("all", UNBLOCK, {}), ("all", UNBLOCK, {"dark": True}), ("back_off", UNBLOCK, {"size": PHONE, "phone": True}),
    ("rolled_back", "#/scanner/attempt_timeout", {}), ("stuck", "#/scanner/retention_trimmer", {}),
    ("paused", "#/scanner/lease_expiry", {}), ("read_only", UNBLOCK, {}), ("fewer", "#/scanner/lease_expiry", {}),
    ("normal", GONE, {}), ("peers", OVERVIEW, {}), ("peers", OVERVIEW, {"size": PHONE, "phone": True, "dark": True}), ("read_token", OVERVIEW, {}), ("operator_token", UNBLOCK, {"dark": True}),
]
# Until all that the view asks for is there.
COMPLETE = """
    await until(() => latest || !at("#no-answer").hidden, "an answer");
    const open = !at("#view").hidden && !at("#view-body").hidden;
    await until(() => !open || ![at("#failing-text"), at("#charts-text")].some(node => node.textContent === "Loading ..."), "the view");"""
# What a person can operate, or scroll by the keyboard: a name that tells it from the others, for each.
OPERABLE = """
    const nameOf = node => node.tagName + " " + (node.id || node.getAttribute("aria-label") || node.textContent);
    const operable = () => [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]
      .filter(node => node.checkVisibility());"""


class sight_test(page_test.browser_test):
    """Tests that look at the page as one person does, until `close`."""

    def look(self, mode="normal", view="", **how):
        host = page_test.stand_in(page_test.ROOT, mode=mode)
        seer = browser.browser(**how)
        self.addCleanup(host.server_close)
        self.addCleanup(host.shutdown)
        self.addCleanup(seer.close)
        self.host, self.seer = host, seer
        seer.open(host.address(view))
        self.run_script("await until(() => document.readyState === 'complete', 'the page');" + COMPLETE)
        return seer

    def run_script(self, script):
        return self.seer.run(page_test.HELPERS + script)


class Axe(sight_test):
    def test_finds_nothing_in_any_view(self):
        if AXE is None or not AXE.is_file():
            self.skipTest("axe-core is not in the build folder; packaging/test.sh puts it there where npm is installed")
        rules = AXE.read_text()
        for mode, view, how in SIGHTS:
            with self.subTest(mode=mode, view=view, **how):
                seer = self.look(mode, view, **how)
                seer.run(rules)
                seen = seer.run("""const { passes, violations } = await axe.run(document);
                    return { passes: passes.length, found: violations.map(({ id, impact, nodes }) =>
                      [id, impact, ...nodes.map(node => node.target.join(" ") + ": " + node.failureSummary)]) };""")
                self.assertEqual(seen["found"], [])
                self.assertGreater(seen["passes"], 20)

    def test_finds_nothing_in_a_dialog(self):
        if AXE is None or not AXE.is_file():
            self.skipTest("axe-core is not in the build folder; packaging/test.sh puts it there where npm is installed")
        for mode, opener, dialog in (("normal", "#actions button", "#pause"), ("read_token", "#enter-token", "#token")):
            self.look(mode, UNBLOCK)
            self.seer.run(AXE.read_text())
            seen = self.run_script("""at("%s").click();
                await until(() => at("%s").open);
                return (await axe.run(at("%s"))).violations.map(rule => rule.id);""" % (opener, dialog, dialog))
            self.assertEqual(seen, [])


class Keyboard(sight_test):
    def reached(self):
        """The names of what has the focus, by one press of Tab after the other, until it leaves the page."""
        names = []
        for _ in range(200):
            self.seer.press("Tab")
            name = self.run_script(OPERABLE + """const node = document.activeElement;
                return node === document.body ? null : [nameOf(node), getComputedStyle(node).outlineStyle];""")
            if name is None or names[:1] == [name]:
                return names
            names.append(name)
        return names

    def test_reaches_all_that_can_be_operated_and_shows_where_it_is(self):
        for mode, view in (("all", OVERVIEW), ("all", UNBLOCK)):
            with self.subTest(view=view):
                self.look(mode, view)
                operable = self.run_script(OPERABLE + "return operable().map(nameOf);")
                self.run_script("document.activeElement.blur(); at('h1').tabIndex = -1; at('h1').focus(); at('h1').removeAttribute('tabindex');")
                reached = self.reached()
                self.assertEqual([name for name, _ in reached], operable)
                self.assertEqual({outline for _, outline in reached} - {"none"}, {"solid"})
                self.assertNotIn("none", [outline for _, outline in reached])

    def test_opens_a_view_and_goes_back(self):
        self.look()
        self.run_script("rowOf('unblock').querySelector('a').focus();")
        self.seer.press("Enter")
        self.run_script("await until(() => document.activeElement.id === 'view-name', 'the heading');")
        self.seer.press("Tab", shift=True)
        self.assertEqual(self.run_script("return document.activeElement.id;"), "back")
        self.seer.press("Enter")
        self.run_script("await until(() => document.activeElement.textContent === 'unblock', 'the row');")

    def test_closes_the_dialog_with_escape_and_the_focus_returns(self):
        self.look(view=UNBLOCK)
        self.run_script("at('#actions button').focus();")
        self.seer.press("Enter")
        self.run_script("await until(() => document.activeElement.id === 'pause-reason', 'the dialog');")
        self.seer.press("Escape")
        self.run_script("await until(() => !at('#pause').open && document.activeElement === at('#actions button'), 'the button');")
        self.assertEqual([asked for asked in self.host.asked if asked[0] == "POST"], [])

    def test_keeps_the_focus_wherever_it_is_while_statuses_come(self):
        for view in (OVERVIEW, UNBLOCK):
            self.look("all", view)
            for number in range(self.run_script(OPERABLE + "return operable().length;")):
                kept = self.run_script(OPERABLE + """const node = operable()[%d];
                    node.focus();
                    latest.status.host.now_ms += 1000;
                    showStatus();
                    return [document.activeElement === node, nameOf(node)];""" % number)
                self.assertEqual(kept[0], True, (view, kept[1]))


class Labels(sight_test):
    def test_are_unique_and_headings_in_order(self):
        for mode, view in (("normal", OVERVIEW), ("all", OVERVIEW), ("normal", UNBLOCK), ("back_off", UNBLOCK)):
            with self.subTest(mode=mode, view=view):
                self.look(mode, view)
                seen = self.run_script("""
                    const visible = [...document.querySelectorAll("h1, h2, h3, button, a, [role=region]")].filter(n => n.checkVisibility());
                    const ids = [...document.querySelectorAll("[id]")].map(node => node.id);
                    const places = visible.filter(n => n.tagName === "A" && !n.closest("#trouble-list"));
                    return { ids: ids.length - new Set(ids).size,
                      headings: visible.filter(n => /^H\\d$/.test(n.tagName)).map(n => Number(n.tagName[1])),
                      buttons: visible.filter(n => n.tagName === "BUTTON").map(n => n.getAttribute("aria-label") || n.textContent),
                      links: places.map(n => n.textContent),
                      regions: visible.filter(n => n.getAttribute("role") === "region").map(n => n.getAttribute("aria-label")) };""")
                self.assertEqual(seen["ids"], 0)
                self.assertEqual(seen["headings"][0], 1)
                for before, after in zip(seen["headings"], seen["headings"][1:]):
                    self.assertLessEqual(after, before + 1)
                for kind in ("buttons", "links", "regions"):
                    self.assertEqual(len(seen[kind]), len(set(seen[kind])), seen[kind])
                    self.assertNotIn("", seen[kind])

    def test_of_inputs_are_texts_beside_them(self):
        self.look(view=UNBLOCK)
        unnamed = self.run_script("""return [...document.querySelectorAll("input, select, textarea")]
            .filter(node => ![...node.labels].some(label => label.textContent.trim())).map(node => node.id);""")
        self.assertEqual(unnamed, [])

    def test_of_links_within_a_sentence_can_be_told_without_colours(self):
        self.look("all")
        lines = self.run_script("""return [...document.querySelectorAll("#trouble-list a")].map(link => getComputedStyle(link).textDecorationLine);""")
        self.assertEqual(set(lines), {"underline"})


def main():
    global AXE
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=page_test.ROOT)
    parser.add_argument("--axe", type=pathlib.Path)
    options, rest = parser.parse_known_args()
    page_test.ROOT, AXE = options.root, options.axe
    result = unittest.main(argv=[sys.argv[0]] + rest, verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == len(result.skipped) or result.testsRun == 0 else 0)


if __name__ == "__main__":
    main()
