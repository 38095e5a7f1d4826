#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page in Chromium, behind a proxy with a path of its own, on statuses as status.schema.json describes them.

    page_test.py --root DIR [unittest arguments]

A driver in the page does what a person does and posts what it saw. Exits with 77 where Chromium is missing.
"""

import argparse
import http.server
import json
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import browser
import status_schema_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHROMIUM, HEADLESS = browser.PROGRAM, browser.HEADLESS
PREFIX = "/tools/scanhost/"
NOW = int(time.time() * 1000)
SHA = "8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf"
NAMES = """lease_expiry delayed_promoter cancel_reconciler attempt_timeout execution_deadline suspension_timeout
pending_wp_expiry unblock dependency_reconciler index_reconciler retention_trimmer flow_projector edge_cancel_dispatcher
edge_cancel_reconciler flow_trimmer worker_registry_sweep budget_reset budget_reconciler quota_reconciler""".split()
HELPERS = """
const until = async (question, what) => {
  for (const end = performance.now() + 20000; !question(); await new Promise(next => setTimeout(next, 20)))
    if (performance.now() > end) throw new Error("waited in vain: " + (what || question));
};
const at = selector => document.querySelector(selector);
const names = () => [...document.querySelectorAll("#scanners th")].map(cell => cell.textContent);
const rowOf = name => [...document.querySelectorAll("#scanners tr")].find(row => row.firstChild.textContent === name);
const changed = async (mode) => { await fetch("mode/" + mode, { method: "POST" }); };
"""
DRIVER = HELPERS + """
(async () => {
  let result;
  try {
    await until(() => names().length > 0 || !at("#view").hidden, "scanners");
    result = { value: await (async () => { %s })() };
  } catch (problem) { result = { error: String(problem) + problem.stack }; }
  await fetch("result", { method: "POST", body: JSON.stringify(result) });
})();
"""


def counts(**given):
    return dict(dict.fromkeys(("processed", "unchanged", "errors", "skipped", "beyond_allowance"), 0), **given)


def change(outcome="started", **given):
    return dict({"generation": 1, "sha256": SHA, "version": "1.0.0", "at_ms": NOW - 3600000, "outcome": outcome,
                 "reason": ""}, **given)


LIMIT = {"commands_per_second": 420.5, "target_latency_ms": 2, "latency_ms": 0.35, "waiting": 35, "waited_ms": 1500}


def scanner(name, **given):
    number = NAMES.index(name) if name in NAMES else 0
    return dict({
        "name": name, "plugin": name.partition("@")[0], "plugin_version": "1.0.0", "state": "waiting", "ready": True,
        "not_ready": None, "waits_for": None, "generation": 1, "sha256": SHA, "since_ms": NOW - 3600000, "dry_run": False,
        "rate_limit": LIMIT if name == "unblock" else None, "held_back": 0, "refused": 0, "paused": False,
        "pause": None, "blocked": False, "probation": False,
        "log_level": None, "history": [change()], "interval_ms": 1500, "family": "flow",
        "partitions": 256, "cycles": 2400, "totals": counts(processed=40000 + 977 * number, unchanged=12),
        "last_cycle": dict(counts(processed=12), backlog=3, elapsed_ms=12.5 + number), "last_cycle_at_ms": NOW - 1400,
        "next_cycle_ms": NOW + 90000, "backlog": 3 * number, "backlog_clears_in_ms": 240000 if number else None,
        "oldest_overdue_ms": 120 * (19 - number) % 1700, "lateness_p99_ms": 35 * number or None,
        "items_in_back_off": 0, "restarts": 0, "stuck_generations": 0, "pinned_builds": 0, "last_error": "",
        "processed_per_second": 7.3 * (number * 7 % 19), "cpu_seconds": 12.5, "cpu_usage": 0.01, "memory_bytes": 1 << 20,
        "memory_growth": None,
        "store": {"state": "up", "endpoint": "127.0.0.1:6379", "last_error": "", "reconnects": 0, "in_flight": 0,
                  "unreachable": []},
        "store_troubles": [], "store_errors": 0}, **given)


def blocked(**given):
    return dict({"sha256": "ab" * 32, "plugin": "attempt_timeout", "scanner": "attempt_timeout",
                 "reason": "rolled back: 12 of 40 items <b>failed</b>", "since_ms": NOW - 900000}, **given)


def status(scanners=None, control=True, store=None, configuration=None, blocked_builds=()):
    return {"version": 1,
            "host": {"version": "1.0.0", "started_ms": NOW - 7260000, "now_ms": NOW, "ready": True, "not_ready": None,
                     "store": dict({"url": "valkey://127.0.0.1:6379", "state": "up", "detail": None}, **(store or {})),
                     "configuration": dict({"accepted_ms": NOW - 7260000, "refused_ms": None, "reason": None,
                                            "needs_restart": []}, **(configuration or {})),
                     "blocked_builds": list(blocked_builds)},
            "scanners": [scanner(name) for name in NAMES] if scanners is None else scanners, "control": control,
            "needs_token": False,
            "process": {"cpu_seconds": 30.5, "resident_memory_bytes": 41 << 20, "virtual_memory_bytes": 1 << 30,
                        "open_fds": 150, "max_fds": 1024, "threads": 21}}


def troubled(**by_name):
    return status([scanner(name, **by_name.get(name, {})) for name in NAMES])


REFUSED = "Connection refused (127.0.0.1:6379)"
DOWN = {"state": "down", "endpoint": "127.0.0.1:6379", "last_error": REFUSED, "reconnects": 3, "in_flight": 0,
        "unreachable": []}


def outage():
    lost = {"ready": False, "not_ready": "has no connection to the store: " + REFUSED, "store": DOWN,
            "last_cycle_at_ms": NOW - 240000}
    return dict(status([scanner(name, **lost) for name in NAMES], store={"state": "down", "detail": REFUSED}))


STUCK = {"state": "stuck", "ready": False, "stuck_generations": 3, "last_cycle_at_ms": NOW - 600000,
         "not_ready": "is stuck: scan has not returned for 30 s", "last_error": "scan has not returned for 30 s"}
ROLLED_BACK = {"generation": 3, "probation": False, "history": [change(), change(
    "rolled_back", generation=3, version="1.1.0", sha256="ab" * 32, at_ms=NOW - 900000,
    reason="12 of 40 items failed, and none before")]}
PAUSED = {"paused": True, "next_cycle_ms": None, "pause": {"by": "root", "reason": "the queue is moved",
                                                           "at_ms": NOW - 600000, "until_ms": NOW + 3600000}}
DRY = {"dry_run": True, "held_back": 412}
BACK_OFF = {"items_in_back_off": 12, "oldest_overdue_ms": 900000, "totals": counts(processed=40000, errors=198)}
MODES = {
    "normal": status,
    "outage": outage,
    "stuck": lambda: troubled(retention_trimmer=STUCK),
    "rolled_back": lambda: status(
        [scanner(name, **(ROLLED_BACK if name == "attempt_timeout" else {})) for name in NAMES],
        blocked_builds=[blocked(), blocked(sha256="cd" * 32, plugin="unblock")]),
    "paused": lambda: troubled(lease_expiry=PAUSED),
    "dry_run": lambda: status([scanner(name, **DRY) for name in NAMES]),
    "back_off": lambda: troubled(unblock=BACK_OFF),
    "refused": lambda: status(configuration={"refused_ms": NOW - 60000}),
    "restart": lambda: status(configuration={"needs_restart": ["admin.listen", "plugins.staging"]}),
    "read_only": lambda: status([scanner(name, **(BACK_OFF if name == "unblock" else {})) for name in NAMES], control=False,
                                blocked_builds=[blocked(plugin="unblock")]),
    "markup": lambda: troubled(unblock={"ready": False, "not_ready": "fails: <img id=evil>", "plugin_version": "<b>1</b>"}),
    "lanes": lambda: status([scanner("lease_expiry@acme"), scanner("unblock")]),
    "peers": status,
    "read_token": status,
    "operator_token": status,
    "fewer": lambda: status([scanner(name) for name in NAMES[:5]]),
    "all": lambda: troubled(retention_trimmer=STUCK, attempt_timeout=ROLLED_BACK, lease_expiry=PAUSED, flow_trimmer=DRY,
                            unblock=BACK_OFF),
}
TOKENS = {"read_token": "read-0123456789abcdef", "operator_token": "operate-0123456789abcdef"}  # by the mode that asks for it
PEERS = {"peers": lambda: [
    {"address": "10.0.0.2:9464", "at_ms": NOW, "problem": None, "status": troubled(retention_trimmer=STUCK)},
    {"address": "10.0.0.3:9464", "at_ms": NOW, "problem": None, "status": status()},
    {"address": "10.0.0.4:9464", "at_ms": NOW - 60000, "problem": "Connection <b>refused</b>", "status": status()},
    {"address": "10.0.0.5:9464", "at_ms": None, "problem": "it has not answered within 3 s", "status": None},
    {"address": "10.0.0.6:9464", "at_ms": None, "problem": None, "status": None},
    {"address": "10.0.0.7:9464", "at_ms": NOW, "problem": None, "status": {"version": 9}}]}
FAILURES = {"version": 1, "left_out": 0, "failures": [
    {"scanner": "unblock", "partition": "{p:%d}" % number, "item": "execution-%d<i>" % number, "times": 40 - number,
     "since_ms": NOW - 900000, "latest_ms": NOW - 4000, "last_message": "ERR the record has no field <b>state</b>",
     "in_back_off": True, "next_try_ms": NOW + 11000} for number in range(12)]}


EXPLANATION = {"version": 1, "item": "execution-1<i>", "at_ms": NOW, "scanners": [
    {"scanner": "unblock", "plugin": "unblock", "standing": "held", "acts": False, "acts_at_ms": None,
     "obstacles": ["it is in back-off"], "problem": None, "partitions_asked": 1, "partitions": 4, "failures": [],
     "findings": [{"partition": "{p:1}", "index": "blocked:{p:1}", "score": 1, "due_ms": None, "standing": "held",
                   "reason": "one of its <b>budgets</b> has no room"}]}]}


def hour(name, points=240):
    """An hour in which the backlog of `name` grew after a gap in which nothing was known."""
    at = [NOW - 15000 * back for back in reversed(range(points))]
    backlog = [None if 100 <= number < 120 else 10 * number for number in range(points)]
    return {"version": 1, "step_ms": 15000, "at_ms": at, "scanners": [{
        "name": name, "processed_per_second": [None] + [40.5 + number % 7 for number in range(1, points)],
        "unchanged_per_second": [None] + [0] * (points - 1), "errors_per_second": [None] + [0] * (points - 1),
        "lateness_p99_ms": [None] + [800] * (points - 1), "backlog": backlog,
        "oldest_overdue_ms": [None] * points}] if points else []}


def composed(root):
    """The page as host/admin/page.cpp composes it."""
    folder = root / "host/admin/page"
    text = (folder / "page.html").read_text()
    text = text.replace('<link rel="stylesheet" href="page.css">', "<style>%s</style>" % (folder / "page.css").read_text())
    return re.sub(r'<script src="([a-z]+\.js)"></script>',
                  lambda found: "<script>%s</script>" % (folder / found[1]).read_text(), text)


def content_policy(root):
    source = (root / "host/admin/http_server.cpp").read_text()
    return re.search(r'content_policy =\s*"([^"]+)"', source)[1]


class stand_in(http.server.ThreadingHTTPServer):
    """A host with a status that tests choose."""

    daemon_threads = True

    def __init__(self, root, driver="", mode="normal"):
        super().__init__(("127.0.0.1", 0), handler)
        self.mode, self.asked, self.results = mode, [], queue.Queue()
        self.page = composed(root).replace("</body>", "<script>%s</script></body>" % driver if driver else "</body>")
        self.policy = content_policy(root)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, view=""):
        return "http://127.0.0.1:%d%s%s" % (self.server_port, PREFIX, view)


class handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, code, kind, text):
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body)

    def has_token(self):
        return self.headers.get("Authorization") == "Bearer " + TOKENS[self.server.mode]

    def do_GET(self):
        host, path = self.server, self.path.partition("?")[0]
        host.asked.append(("GET", self.path, {}))
        if path == PREFIX:
            return self.reply(200, "text/html; charset=utf-8", host.page)
        if host.mode == "read_token" and path != PREFIX and not self.has_token():
            return self.reply(401, "text/plain", "this needs a token\n")
        if path == PREFIX + "status.json" and host.mode in MODES:
            document = MODES[host.mode]()
            if host.mode == "operator_token":
                document.update(control=self.has_token(), needs_token=not self.has_token())
            document["host"]["now_ms"] = int(time.time() * 1000)
            return self.reply(200, "application/json", json.dumps(document))
        if path == PREFIX + "failures.json/unblock":
            return self.reply(200, "application/json", json.dumps(FAILURES))
        if path.startswith(PREFIX + "explain.json/"):
            return self.reply(200, "application/json", json.dumps(EXPLANATION))
        if path == PREFIX + "peers.json":
            return self.reply(200, "application/json", json.dumps({"version": 1, "peers": PEERS.get(host.mode, list)()}))
        if path.startswith(PREFIX + "failures.json/"):
            return self.reply(200, "application/json", json.dumps(dict(FAILURES, failures=[])))
        if path.startswith(PREFIX + "history.json/"):
            name = path.removeprefix(PREFIX + "history.json/")
            if name not in NAMES:
                return self.reply(404, "text/plain", "there is no scanner '%s'\n" % urllib.parse.unquote(name))
            return self.reply(200, "application/json", json.dumps(hour(name, 0 if host.mode == "fewer" else 240)))
        return self.reply(500 if path.startswith(PREFIX) else 404, "text/plain", "not here\n")

    def do_POST(self):
        host, path = self.server, self.path.removeprefix(PREFIX)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("mode/"):
            host.mode = path.removeprefix("mode/")
        elif path == "result":
            host.results.put(json.loads(body))
        else:
            host.asked.append(("POST", path, dict(self.headers)))
            return self.reply(200, "application/json", json.dumps({"ok": True, "exit_code": 0, "message": "done: " + path}))
        return self.reply(200, "text/plain", "ok\n")


class browser_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if CHROMIUM is None:
            raise unittest.SkipTest("Chromium is not installed; install it with apt-get install chromium")
        if (found := subprocess.run([CHROMIUM, *HEADLESS, "--dump-dom", "about:blank"], capture_output=True, text=True,
                                    stdin=subprocess.DEVNULL, timeout=120)).returncode != 0:
            raise unittest.SkipTest("Chromium does not start here: " + found.stderr[-300:])

    def drive(self, script, mode="normal", view="", size="1280,900", arguments=()):
        """What the script in the page returns."""
        return self.browse(stand_in(ROOT, DRIVER % script, mode), view, size, arguments)

    def browse(self, host, view="", size="1280,900", arguments=()):
        self.host = host
        self.addCleanup(self.host.server_close)
        self.addCleanup(self.host.shutdown)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            process = subprocess.Popen(
                [CHROMIUM, *HEADLESS, "--remote-debugging-port=0", "--user-data-dir=" + folder, "--window-size=" + size, *arguments,
                 self.host.address(view)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                result = self.host.results.get(timeout=60)
            finally:
                process.kill()
                process.wait()
        self.assertNotIn("error", result)
        return result.get("value")

    def posts(self):
        return [path for method, path, _ in self.host.asked if method == "POST"]


class Overview(browser_test):
    def test_fits_nineteen_scanners_on_a_screen_of_1280_by_900(self):
        seen = self.drive("""return { rows: names().length, height: document.documentElement.scrollHeight,
            wide: document.documentElement.scrollWidth > innerWidth || at(".scrolls").scrollWidth > at(".scrolls").clientWidth };""")
        self.assertEqual(seen["rows"], 19)
        self.assertLessEqual(seen["height"], 900)
        self.assertFalse(seen["wide"])

    def test_breaks_no_name_and_hides_no_column_where_states_are_long(self):
        seen = self.drive("""return { wide: at(".scrolls").scrollWidth > at(".scrolls").clientWidth,
            broken: [...document.querySelectorAll("#scanners a")].filter(link => new Set([...link.getClientRects()].map(part => part.top)).size > 1).map(link => link.textContent) };""",
            "all")
        self.assertEqual(seen, {"wide": False, "broken": []})

    def test_says_that_a_healthy_host_has_no_trouble(self):
        seen = self.drive("return [at('#trouble-count').textContent, at('#banner').textContent, document.title];")
        self.assertEqual(seen[0], "No trouble")
        for text in ("1.0.0", "valkey://127.0.0.1:6379, up", "accepted", "2 h"):
            self.assertIn(text, seen[1])

    def test_names_what_waits_for_a_restart(self):
        seen = self.drive("return [at('#trouble-list').textContent, at('#banner').textContent];", "restart")
        self.assertIn("only a restart of the host applies: admin.listen, plugins.staging", seen[0])
        self.assertIn("needs a restart", seen[1])

    def test_names_an_outage_once_for_all_scanners_and_at_the_store(self):
        seen = self.drive("return [...document.querySelectorAll('#trouble-list li')].map(item => item.textContent);", "outage")
        self.assertEqual(len(seen), 2)
        self.assertIn("The store valkey://127.0.0.1:6379 is down: " + REFUSED, seen[0])
        self.assertIn("All 19 scanners: each has no connection to the store", seen[1])

    def test_puts_what_is_bad_before_what_is_only_to_be_known(self):
        seen = self.drive("""return { levels: [...document.querySelectorAll("#trouble-list .level")].map(item => item.textContent),
            first: names()[0], state: at("#scanners .state").textContent, link: at("#trouble-list a").getAttribute("href"),
            title: document.title, all: at("#trouble-list").textContent };""", "all")
        self.assertEqual(seen["levels"][0], "Trouble")
        self.assertEqual(seen["levels"][-1], "Note")
        self.assertEqual((seen["first"], seen["state"]), ("retention_trimmer", "stuck"))
        self.assertEqual(seen["link"], "#/scanner/retention_trimmer")
        self.assertIn("to look at", seen["title"])
        for text in ("was rolled back from 1.1.0, build abababababab: 12 of 40 items failed", "has items in back-off",
                     "is paused by root, until", "the queue is moved", "runs dry"):
            self.assertIn(text, seen["all"])

    def test_says_that_the_configuration_was_refused(self):
        seen = self.drive("return at('#trouble-list').textContent + at('#banner').textContent;", "refused")
        self.assertIn("The configuration was refused", seen)
        self.assertRegex(seen, r"configurationREFUSED [\d.]+ (s|min) ago")

    def test_says_states_in_words(self):
        script = "return at('#scanners').textContent;"
        for mode, text in (("stuck", "stuck"), ("paused", "paused"), ("dry_run", "waiting, DRY RUN"),
                           ("rolled_back", "waiting, rolled back"), ("back_off", "waiting, overdue, items in back-off"),
                           ("outage", "waiting, not ready")):
            with self.subTest(mode):
                self.assertIn(text, self.drive(script, mode))

    def test_sorts_by_a_button_in_each_heading(self):
        seen = self.drive("""
            const button = [...document.querySelectorAll("#columns button")].find(b => b.textContent === "Backlog");
            const sorted = () => [button.parentNode.getAttribute("aria-sort"), names()[0]];
            button.focus();
            button.click(); const down = sorted(); button.click(); const up = sorted();
            return { down, up, marks: document.querySelectorAll("[aria-sort]").length, focus: document.activeElement === button };""")
        self.assertEqual(seen["down"], ["descending", "quota_reconciler"])
        self.assertEqual(seen["up"], ["ascending", "lease_expiry"])
        self.assertEqual((seen["marks"], seen["focus"]), (1, True))

    def test_keeps_nodes_focus_and_order_when_the_status_changes(self):
        seen = self.drive("""
            const row = rowOf("retention_trimmer"), link = row.querySelector("a"), before = names().join();
            link.focus();
            await changed("stuck");
            await until(() => row.textContent.includes("stuck"));
            const order = names().join() === before, focus = document.activeElement === link;
            link.blur();
            await until(() => names()[0] === "retention_trimmer", "the order");
            return { order, focus, same: rowOf("retention_trimmer") === row };""")
        self.assertEqual(seen, {"order": True, "focus": True, "same": True})

    def test_keeps_the_focus_on_a_row_that_moves(self):
        seen = self.drive("""
            const link = rowOf("quota_reconciler").querySelector("a");
            link.focus();
            sortBy(0); sortBy(0);
            return [names()[0], document.activeElement === link];""")
        self.assertEqual(seen, ["worker_registry_sweep", True])

    def test_drops_the_rows_of_scanners_that_are_gone(self):
        self.assertEqual(self.drive("await changed('fewer'); await until(() => names().length < 19); return names().length;"), 5)

    def test_says_when_the_host_does_not_answer_and_when_it_does_again(self):
        seen = self.drive("""
            await changed("broken");
            await until(() => !at("#no-answer").hidden, "the line");
            const text = at("#no-answer").textContent, title = document.title, rows = names().length;
            await changed("normal");
            await until(() => at("#no-answer").hidden, "the answer");
            return { text, title, rows };""")
        self.assertIn("The host does not answer: it answered 500", seen["text"])
        self.assertIn("NO ANSWER", seen["title"])
        self.assertEqual(seen["rows"], 19)

    def test_shows_other_hosts_with_what_is_wrong_with_them(self):
        seen = self.drive("""await until(() => at("#peers td") && !at("#peers").hidden);
            return { lines: [...document.querySelectorAll("#peers tbody tr")].map(line => line.textContent),
              levels: [...document.querySelectorAll("#peers .state")].map(state => state.className.split(" ")[1]),
              link: at("#peers a").getAttribute("href"), asked: at("#trouble-count").textContent };""", "peers")
        self.assertEqual(seen["levels"][:5], ["bad", "good", "bad", "bad", "note"])
        for line, text in zip(seen["lines"], ("1 trouble: retention_trimmer is stuck", "No trouble19, 19 ready",
                                              "no answer now: Connection <b>refused</b>; before: No trouble",
                                              "no answer: it has not answered within 3 s", "asked for the first time",
                                              "its status is not of this release")):
            self.assertIn(text, line)
        self.assertEqual((seen["link"], seen["asked"]), ("http://10.0.0.2:9464/", "No trouble"))

    def test_asks_no_more_for_other_hosts_where_there_are_none(self):
        self.drive("await changed('stuck'); await until(() => at('#scanners').textContent.includes('stuck')); await changed('normal');"
                   "await until(() => !at('#scanners').textContent.includes('stuck'));")
        self.assertLessEqual(len([path for _, path, _ in self.host.asked if path.endswith("/peers.json")]), 1)

    def test_lets_nothing_in_as_markup(self):
        seen = self.drive("return [document.querySelector('#evil') === null, at('#trouble-list').textContent];", "markup")
        self.assertTrue(seen[0])
        self.assertIn("<img id=evil>", seen[1])

    def test_asks_for_nothing_outside_its_own_path(self):
        self.drive("await changed('stuck'); await until(() => at('#scanners').textContent.includes('stuck'));")
        strays = [path for _, path, _ in self.host.asked if path.startswith("/") and not path.startswith(PREFIX)]
        self.assertEqual([path for path in strays if path != "/favicon.ico"], [])

    def test_scrolls_the_table_and_not_the_page_on_a_phone(self):
        # Headless windows are never narrower than 500 px, so the body gets a phone's width.
        seen = self.drive("""document.body.style.width = "390px";
            return [document.body.scrollWidth, at(".scrolls").clientWidth < at(".scrolls").scrollWidth];""", size="500,844")
        self.assertLessEqual(seen[0], 390)
        self.assertTrue(seen[1])


class View(browser_test):
    def test_shows_failing_items_builds_and_costs(self):
        seen = self.drive("""await until(() => at("#failing td") && at("#facts").textContent.includes("1 MiB"));
            return { items: document.querySelectorAll("#failing tbody tr").length, failing: at("#failing").textContent,
              text: at("#failing-text").textContent, changes: at("#changes").textContent, facts: at("#facts").textContent, markup: at("#failing b, #failing i") === null,
              title: document.title, focus: document.activeElement.id, state: at("#view-state").textContent };""",
            "back_off", "#/scanner/unblock")
        self.assertEqual(seen["items"], 12)
        self.assertIn("ERR the record has no field <b>state</b>", seen["failing"])
        self.assertIn("scanhost ctl retry unblock", seen["text"])
        self.assertIn("8e35c2cd3bf6", seen["changes"])
        self.assertIn("limit421 /s, latency 0.35 ms of 2 ms, 35 commands waiting", seen["facts"])
        self.assertIn("unblock", seen["title"])
        self.assertEqual((seen["markup"], seen["focus"], seen["state"]), (True, "view-name", "waiting, overdue, items in back-off"))

    def test_explains_a_failing_item(self):
        seen = self.drive("""await until(() => at("#failing td button"));
            const button = [...document.querySelectorAll("#failing button.item")][1], before = at("#explained").hidden;
            button.focus();
            button.click();
            await until(() => at("#explained").textContent.includes("no room"));
            return { before, lines: [...document.querySelectorAll("#explained li")].map(node => node.textContent),
              heading: at("#explained h4").textContent, label: button.textContent, markup: at("#explained b") === null,
              focus: document.activeElement.getAttribute("aria-label") };""", "back_off", "#/scanner/unblock")
        self.assertEqual(seen["lines"], ["The scanner does not act on it at present.", "Kept back: it is in back-off.",
                                         "held: one of its <b>budgets</b> has no room (blocked:{p:1})."])
        self.assertEqual((seen["before"], seen["heading"], seen["label"]), (True, "execution-1<i>", "execution-1<i>"))
        self.assertEqual((seen["markup"], seen["focus"]), (True, "Explain execution-1<i>"))
        (path,) = [path for _, path, _ in self.host.asked if "explain" in path]
        self.assertTrue(path.endswith("explain.json/execution-1%3Ci%3E?scanner=unblock"), path)

    def test_asks_for_failing_items_only_while_it_is_open(self):
        self.drive("await changed('stuck'); await until(() => at('#scanners').textContent.includes('stuck'));")
        self.assertEqual([path for _, path, _ in self.host.asked if "failures" in path], [])

    def test_draws_the_last_hour_with_axes(self):
        seen = self.drive("""await until(() => document.querySelectorAll("#charts svg").length === 4);
            const figures = [...document.querySelectorAll("#charts figure")];
            const texts = figure => [...figure.querySelectorAll("text")].map(node => node.textContent);
            return { captions: figures.map(f => f.querySelector("figcaption").textContent), backlog: texts(figures[2]),
              labels: figures.map(f => f.querySelector("svg").getAttribute("aria-label")),
              lines: figures[2].querySelectorAll("polyline").length, last: figures[2].querySelectorAll("polyline")[1].getAttribute("points"),
              lateness: texts(figures[1]) };""", "back_off", "#/scanner/unblock")
        self.assertEqual(seen["captions"], ["Processed: 42 /s (max 47 /s)", "Lateness p99: 800 ms (max 800 ms)",
                                            "Backlog: 2,390 (max 2,390)", "Errors: 0 /s (max 0 /s)"])
        self.assertEqual(seen["captions"], seen["labels"])
        clocks = [time.strftime("%H:%M", time.gmtime(NOW / 1000 - 900 * back)) for back in (4, 3, 2, 1, 0)]
        self.assertEqual(seen["backlog"], ["0", "2,500", "5,000"] + clocks)
        self.assertEqual(seen["lateness"][:3], ["0 ms", "500 ms", "1 s"])
        self.assertEqual(seen["lines"], 2, "nothing is drawn where nothing is known")
        self.assertTrue(seen["last"].endswith("294.0,47.7"), seen["last"])

    def test_says_that_an_hour_has_no_points_yet(self):
        seen = self.drive("""await until(() => at("#charts-text").textContent.startsWith("No points"));
            return at("#charts").hidden;""", "fewer", "#/scanner/lease_expiry")
        self.assertTrue(seen)

    def test_says_why_the_hour_is_not_known(self):
        seen = self.drive("""await until(() => at("#charts-text").textContent.startsWith("It is not known"));
            return [at("#charts").hidden, at("#charts-text").textContent];""", "lanes", "#/scanner/lease_expiry@acme")
        self.assertEqual(seen, [True, "It is not known: there is no scanner 'lease_expiry@acme'"])

    def test_shows_only_the_troubles_of_its_scanner(self):
        seen = self.drive("await until(() => at('#trouble-list li')); return at('#trouble-list').textContent;", "all",
                          "#/scanner/unblock")
        self.assertIn("back-off", seen)
        self.assertNotIn("stuck", seen)

    def test_goes_back_to_the_row_that_it_came_from(self):
        seen = self.drive("""
            rowOf("unblock").querySelector("a").click();
            await until(() => !at("#view").hidden && at("#overview").hidden);
            at("#back").click();
            await until(() => at("#view").hidden);
            return document.activeElement.textContent;""")
        self.assertEqual(seen, "unblock")

    def test_says_that_a_scanner_is_not_there(self):
        seen = self.drive("await until(() => !at('#view-missing').hidden); return [at('#view-body').hidden, at('#view-name').textContent];",
                          view="#/scanner/gone%3Cb%3E")
        self.assertEqual(seen, [True, "gone<b>"])

    def test_opens_the_overview_for_an_address_that_it_cannot_read(self):
        self.assertTrue(self.drive("return at('#view').hidden;", view="#/scanner/%E0%A4%A"))

    PRESS = """
        const button = text => [...document.querySelectorAll("#actions button")].find(b => b.textContent.startsWith(text) && !b.hidden);
        await until(() => latest && button("%s"));
        const pressed = button("%s");
        pressed.focus();
        pressed.click();
        %s
        await until(() => at("#note").textContent.startsWith("done"));
        return [at("#note").textContent, document.activeElement === pressed];"""

    def press(self, text, mode="normal", between="", name="unblock"):
        return self.drive(self.PRESS % (text, text, between), mode, "#/scanner/" + name)

    def test_sends_what_its_buttons_say_with_the_mark_of_the_page(self):
        for text, mode, name, path in (("Run now", "normal", "unblock", "control/run-now/unblock"),
                                       ("Reload", "normal", "unblock", "control/reload/unblock"),
                                       ("Resume", "paused", "lease_expiry", "control/resume/lease_expiry"),
                                       ("Reload", "lanes", "lease_expiry%40acme", "control/reload/lease_expiry@acme")):
            with self.subTest(text + mode):
                self.assertEqual(self.press(text, mode, name=name), ["done: " + path, True])
                self.assertEqual(self.posts(), [path])
                self.assertEqual([head.get("X-Scanhost") for method, _, head in self.host.asked if method == "POST"], ["1"])

    def test_retries_one_failing_item_or_all(self):
        for label, path in (("Retry execution-3<i>", "control/retry/unblock/execution-3%3Ci%3E"), ("Retry all", "control/retry/unblock")):
            with self.subTest(label):
                seen = self.drive("""
                    const button = () => [...document.querySelectorAll("#view button")].find(b => b.getAttribute("aria-label") === "%s");
                    await until(() => latest && button() && button().checkVisibility());
                    button().focus();
                    button().click();
                    await until(() => at("#note").textContent.startsWith("done"));
                    shownFailures.text = "";
                    await refreshFailures();
                    return [at("#note").textContent, document.activeElement === button()];""" % label, "back_off", "#/scanner/unblock")
                self.assertEqual(seen, ["done: " + path, True])
                self.assertEqual(self.posts(), [path])

    def test_releases_a_blocked_build_of_its_plugin_when_the_operator_agrees(self):
        seen = self.drive("""
            const questions = [];
            window.confirm = text => { questions.push(text); return questions.length > 1; };
            await until(() => at("#blocked button"));
            at("#blocked button").click();
            at("#blocked button").click();
            await until(() => at("#note").textContent.startsWith("done"));
            return { questions, lines: [...document.querySelectorAll("#blocked li")].map(line => line.textContent) };""",
            "rolled_back", "#/scanner/attempt_timeout")
        self.assertIn("Release the build abababababab of attempt_timeout?", seen["questions"][0])
        self.assertEqual(len(seen["lines"]), 1)
        self.assertIn("rolled back: 12 of 40 items <b>failed</b>", seen["lines"][0])
        self.assertEqual(self.posts(), ["control/release/" + "ab" * 32])

    def test_asks_before_it_rolls_back(self):
        seen = self.drive("""
            let question = "";
            window.confirm = text => { question = text; return false; };
            await until(() => latest && !at("#actions").hidden);
            [...document.querySelectorAll("#actions button")].find(b => b.textContent.startsWith("Roll back")).click();
            return question;""", "rolled_back", "#/scanner/attempt_timeout")
        self.assertEqual(seen, "Roll attempt_timeout back to its previous build?")
        self.assertEqual(self.posts(), [])

    def test_pauses_with_a_reason_and_an_end(self):
        seen = self.press("Pause", between="""
            await until(() => at("#pause").open);
            at("#pause-reason").value = "moved & cleaned";
            at("#pause-time").value = "2h";
            at("#pause-form").requestSubmit();""")
        self.assertEqual(self.posts(), ["control/pause/unblock?for=2h&reason=moved%20%26%20cleaned"])
        self.assertTrue(seen[1])

    def test_pauses_nothing_when_the_dialog_is_cancelled(self):
        self.drive("""
            await until(() => latest && !at("#actions").hidden);
            at("#actions button").click();
            await until(() => at("#pause").open);
            at("#pause-cancel").click();
            await until(() => !at("#pause").open);
            await changed("paused");
            await until(() => at("#overview").textContent.includes("paused"));""", view="#/scanner/unblock")
        self.assertEqual(self.posts(), [])

    def test_has_no_buttons_that_change_something_where_the_host_allows_none(self):
        seen = self.drive("""await until(() => latest && at("#failing td") && at("#blocked li"));
            return [...document.querySelectorAll("#view button:not(.item)")].filter(b => b.checkVisibility()).map(b => b.textContent);""",
            "read_only", "#/scanner/unblock")
        self.assertEqual(seen, [])


def luminance(color):
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text, back):
    light, dark = sorted((luminance(text), luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Documents(unittest.TestCase):
    def test_statuses_of_this_test_are_as_the_schema_describes_them(self):
        for mode, document in MODES.items():
            with self.subTest(mode):
                self.assertEqual(status_schema_test.problems(document(), status_schema_test.SCHEMA), [])

    def test_contrast_of_texts_is_at_least_4_5_in_light_and_dark(self):
        css = (ROOT / "host/admin/page/page.css").read_text()
        palettes = re.findall(r":root \{([^}]*)\}", css)
        self.assertEqual(len(palettes), 2)
        for palette in palettes:
            colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", palette))
            for text in ("ink", "soft", "blue", "good", "warn", "bad"):
                for back in ("back", "card", "bad-back"):
                    self.assertGreaterEqual(contrast(colors[text], colors[back]), 4.5, (text, back, colors[text]))

def main():
    global ROOT
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    options, rest = parser.parse_known_args()
    ROOT = options.root
    result = unittest.main(argv=[sys.argv[0]] + rest, verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == 0 and result.skipped else 0)


if __name__ == "__main__":
    main()
