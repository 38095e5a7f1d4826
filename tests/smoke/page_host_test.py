#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page in Chromium on a real host with scanners at work, through a proxy that puts it below a path of its own.

    page_host_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]

What its buttons do is asked of the host, not of the page. Exits with 77 where Chromium is missing.
"""

import http.client
import json
import shutil
import sys
import unittest

import host_test
import page_test

SCANNERS = "lease_expiry: {interval: 200ms}\nunblock: {interval: 1h}"


class proxy(page_test.stand_in):
    """Hands everything below its prefix on to the host, with the page's driver added to the page."""

    def __init__(self, root, upstream, driver):
        super().__init__(root)
        self.upstream, self.driver = upstream, driver
        self.RequestHandlerClass = forwarder


class forwarder(page_test.handler):
    def forward(self):
        host = self.server
        connection = http.client.HTTPConnection("127.0.0.1", host.upstream, timeout=20)
        names = ("X-Scanhost", "Origin", "Sec-Fetch-Site", "Authorization")
        connection.request(self.command, "/" + self.path.removeprefix(page_test.PREFIX),
                           headers={name: self.headers[name] for name in names if name in self.headers})
        answer = connection.getresponse()
        body = answer.read()
        if self.path == page_test.PREFIX:
            body = body.replace(b"</body>", b"<script>%s</script></body>" % host.driver.encode())
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ("content-type", "content-security-policy"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.forward()

    def do_POST(self):
        if self.path == page_test.PREFIX + "result":
            return super().do_POST()
        if self.path == page_test.PREFIX + "install":
            self.server.install()
            return self.reply(200, "text/plain", "ok\n")
        return self.forward()


class Host(host_test.RunningHost, page_test.browser_test):
    def opened(self, script, view="", scanners=SCANNERS, spoil=lambda client: None):
        """What the script in the page of a new host returns. `spoil`: does harm to the store before."""
        _, self.port = self.service(scanners)
        spoil(self.client)
        host = proxy(host_test.OPTIONS.root, self.port, page_test.DRIVER % script)
        host.install = lambda: self.install_another_build("unblock.so")
        return self.browse(host, view)

    def use_own_plugins(self, *files):
        shared, own = host_test.OPTIONS.plugins, self.folder / "plugins"
        own.mkdir(mode=0o755)
        for file in files:
            shutil.copy2(shared / file, own)
        host_test.OPTIONS.plugins = own
        self.addCleanup(setattr, host_test.OPTIONS, "plugins", shared)

    def install_another_build(self, file):
        """What follows the sections of a plugin makes it another build of the same code."""
        current = host_test.OPTIONS.plugins / file
        other = current.with_suffix(".new")
        shutil.copy2(current, other)
        with open(other, "ab") as end:
            end.write(b"\0")
        other.rename(current)

    def status(self, name):
        scanners = json.loads(self.get(self.port, "/status.json")[1])["scanners"]
        return next(scanner for scanner in scanners if scanner["name"] == name)

    PRESS = """
        const press = async (text, answer) => {
          const button = [...document.querySelectorAll("#actions button")].find(b => b.textContent.startsWith(text) && !b.hidden);
          button.click();
          if (text === "Pause") {
            await until(() => at("#pause").open);
            at("#pause-reason").value = "the queue is moved";
            at("#pause-time").value = "2h";
            at("#pause-form").requestSubmit();
          }
          await until(() => at("#note").textContent.includes(answer), answer);
        };
        await until(() => latest && !at("#actions").hidden, "buttons");
    """

    def test_shows_its_scanners_and_that_there_is_no_trouble(self):
        seen = self.opened("""await until(() => at("#trouble-count").textContent === "No trouble");
            return [names(), at("#banner").textContent, at("#summary").textContent];""")
        self.assertEqual(sorted(seen[0]), ["lease_expiry", "unblock"])
        self.assertIn("up", seen[1])
        self.assertIn("2 scanners, 2 ready", seen[2])

    def test_draws_an_hour_that_has_begun(self):
        seen = self.opened("""await until(() => document.querySelectorAll("#charts svg").length === 4, "charts");
            return at("#charts").textContent;""", "#/scanner/lease_expiry")
        self.assertIn("Processed: ", seen)

    def test_pauses_a_scanner_with_its_reason_and_resumes_it(self):
        seen = self.opened(self.PRESS + """
            await press("Pause", "paused");
            await until(() => at("#trouble-list").textContent.includes("the queue is moved"), "the reason");
            const paused = (await (await fetch("status.json")).json()).scanners.find(s => s.name === "lease_expiry").pause;
            await press("Resume", "resumed");
            return paused;""", "#/scanner/lease_expiry")
        self.assertEqual(seen["reason"], "the queue is moved")
        self.assertAlmostEqual(seen["until_ms"] - seen["at_ms"], 7200000, delta=2000)
        self.assertFalse(self.status("lease_expiry")["paused"])

    def test_runs_a_scanner_at_once(self):
        self.opened(self.PRESS + """
            const cycles = async () => (await (await fetch("status.json")).json()).scanners.find(s => s.name === "unblock").cycles;
            const before = await cycles();
            await press("Run now", "unblock");
            let after = before;
            while (after === before) after = await cycles();""", "#/scanner/unblock")
        self.assertGreaterEqual(self.status("unblock")["cycles"], 1)

    def test_reloads_and_says_what_came_of_it(self):
        seen = self.opened(self.PRESS + """
            await press("Reload", "nothing has changed");
            return at("#note").className;""", "#/scanner/unblock")
        self.assertEqual(seen, "good")

    # A new build is put in, and the operator goes back to the one before.
    ROLL_BACK = """
            await fetch("install", { method: "POST" });
            await press("Reload", "");
            await until(() => at("#facts").textContent.includes("generation2"), "the next generation");
            window.confirm = () => true;
            await until(() => { const button = [...document.querySelectorAll("#actions button")].at(-1); return !button.hidden; }, "Roll back");
            await press("Roll back", "rolled_back: by hand");"""

    def test_rolls_a_build_back_when_the_operator_agrees(self):
        self.use_own_plugins("lease_expiry.so", "unblock.so", "flowfabric.lua")
        seen = self.opened(self.PRESS + self.ROLL_BACK + """
            return at("#note").className;""", "#/scanner/unblock")
        self.assertEqual(seen, "good")
        self.assertEqual(self.status("unblock")["history"][-1]["outcome"], "rolled_back")

    def test_releases_the_build_that_was_rolled_back(self):
        self.use_own_plugins("lease_expiry.so", "unblock.so", "flowfabric.lua")
        seen = self.opened(self.PRESS + self.ROLL_BACK + """
            await until(() => at("#blocked button"), "the blocked build");
            const line = at("#blocked li").textContent;
            at("#blocked button").click();
            await until(() => at("#note").textContent.includes("released"), "released");
            await until(() => !at("#blocked li"), "the list");
            return line;""", "#/scanner/unblock")
        self.assertIn("rolled back: by hand", seen)
        status = json.loads(self.get(self.port, "/status.json")[1])
        self.assertEqual(status["host"]["blocked_builds"], [])
        self.assertEqual(self.status("unblock")["history"][-1]["outcome"], "reloaded")

    def test_retries_an_item_that_rests(self):
        item = "{fp:1}:0f31a8b1-1111-4222-8333-444444440001"
        core = "ff:exec:{fp:1}:%s:core" % item

        def spoil(client):
            client.must("SET", core, "of no use")
            client.must("ZADD", "ff:idx:{fp:1}:lease_expiry", "1000", item)

        seen = self.opened(self.PRESS + """
            await until(() => at("#failing td") && at("#failing").textContent.includes("yes"), "an item in back-off");
            at("#failing button[aria-label^='Retry']").click();
            await until(() => at("#note").textContent.includes("taken out of back-off"), "the answer");
            return [at("#failing").textContent, at("#note").className];""", "#/scanner/lease_expiry", spoil=spoil)
        self.assertIn("WRONGTYPE", seen[0])
        self.assertEqual(seen[1], "good")


def main():
    if page_test.CHROMIUM is None:
        print("Chromium is not installed; install it with apt-get install chromium")
        sys.exit(77)
    host_test.main()


if __name__ == "__main__":
    main()
