#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Options that a plugin requires, refuses or keeps secret, from check-config to a crash. No output of the host may
hold the text of a secret, even though the plugin repeats it wherever it can.

    reload_secrets_test.py --bin DIR --root DIR [--cc CC] [--cxx CXX] [--server NAME] [unittest arguments]
"""

import json
import re
import urllib.request

import reload_host
from reload_host import HERE, Host, eventually, main, scanhost

CONFIG_ERROR = 78
RUNNER_PLUGINS = HERE.parent / "integration" / "runner" / "plugins"
SECRETS = ("hunter2-hunter2", "hunter3-hunter3", "refuse-hunter4", "fail-hunter5", "crash-hunter6")


class Secrets(Host):
    scanners = ("repeats_secret: {interval: 100ms, options: {token_file: token}}",)

    def setUp(self):
        super().setUp()
        self.token = self.folder / "token"
        self.outputs = {}
        self.put(reload_host.BUILDS.get(name="repeats_secret", source=RUNNER_PLUGINS / "repeats_secret.c"),
                 name="repeats_secret")
        self.write()

    def keep(self, what, done):
        self.outputs[what] = done.stdout + done.stderr
        return done

    def set_token(self, text):
        self.token.write_text(text + "\n")
        self.token.chmod(0o600)

    def show_nothing(self):
        self.outputs["log"] = self.log() if (self.folder / "log").exists() else ""
        for file in self.staging.rglob("*"):
            if file.is_file() and file.suffix != ".so":
                self.outputs[str(file)] = file.read_text(errors="replace")
        for what, output in self.outputs.items():
            for secret in SECRETS:
                self.assertNotIn(secret, output, what)
                self.assertNotIn(secret.split("-")[1], output, what)

    def get(self, path):
        port = re.findall(r"listening on http://127\.0\.0\.1:(\d+)/", self.log())[-1]
        with urllib.request.urlopen("http://127.0.0.1:%s%s" % (port, path), timeout=10) as answer:
            return answer.read().decode()

    def test_a_command_that_reads_the_secret_does_not_show_it(self):
        self.set_token(SECRETS[0])
        for words in (("check-config", self.file), ("check-config", self.file, "--json"),
                      ("plugin", "describe", "repeats_secret", "--config", self.file),
                      ("plugin", "describe", "repeats_secret", "--config", self.file, "--json")):
            done = self.keep(words, scanhost(*words))
            self.assertEqual(done.returncode, 0, done.stderr)
        for more in ((), ("--json",)):
            self.keep(("verify", *more), scanhost("plugin", "verify", "--config", self.file, "--scanner",
                                                  "repeats_secret", "--check", "scan", *more))
        self.show_nothing()

    def test_what_create_says_of_the_secret_is_shown_without_it(self):
        for secret, expected in ((SECRETS[2], "options.token_file: it refuses ***"), (SECRETS[3], "it cannot use ***")):
            self.set_token(secret)
            done = self.keep(secret, scanhost("check-config", self.file))
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn("scanhost.yaml:5: ", done.stderr)
            self.assertIn(expected, done.stderr)
            verified = self.keep("verify", scanhost("plugin", "verify", self.plugins / "repeats_secret.so", "--check",
                                                    "load", "--option", "token_file=%s" % self.token))
            self.assertEqual(verified.returncode, 1)
            self.assertIn("***", verified.stdout)
        self.show_nothing()

    def test_a_running_host_shows_it_nowhere(self):
        self.set_token(SECRETS[0])
        self.start(log_level="trace")
        eventually(lambda: self.status("repeats_secret")["restarts"] > 0, self.log)
        self.set_token(SECRETS[1])
        plan = self.keep("plan", self.ctl("plan"))
        self.assertIn("option token changed", plan.stdout)
        reload = self.keep("reload", self.ctl("reload"))
        self.assertIn("option token changed", reload.stdout)
        self.assertEqual(self.status("repeats_secret")["history"][-1]["reason"], "option token changed")
        eventually(lambda: "it failed with ***" in self.status("repeats_secret")["last_error"], self.log)
        for words in (("status",), ("status", "--json"), ("status", "--history"), ("plan", "--json"), ("blocked",)):
            self.keep(words, self.ctl(*words))
        for path in ("/status.json", "/metrics", "/"):
            self.outputs[path] = self.get(path)
        self.assertIn('who="***"', self.outputs["/metrics"])
        self.assertIn("it logs ***", self.log())
        self.show_nothing()

    def test_a_refused_reload_keeps_the_secret_and_the_running_scanner(self):
        self.set_token(SECRETS[0])
        self.start()
        self.set_token(SECRETS[2])
        done = self.keep("reload", self.ctl("reload"))
        self.assertEqual(done.returncode, CONFIG_ERROR)
        self.assertIn("scanhost.yaml:5: scanners.repeats_secret.options.token_file: it refuses ***",
                      done.stdout + done.stderr)
        self.assertEqual(self.status("repeats_secret")["generation"], 1)
        self.show_nothing()

    def test_a_crash_leaves_no_secret_behind(self):
        self.set_token(SECRETS[4])
        self.start(ready=False)
        self.assertNotEqual(self.process.wait(60), 0)
        self.show_nothing()
        self.assertTrue([what for what in self.outputs if "crash" in what], self.outputs.keys())

    def test_cycles_end_with_the_problem_and_without_the_secret(self):
        self.set_token(SECRETS[0])
        done = self.keep("run", scanhost("run", "--once", "--config", self.file, "--log-level", "trace"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("it failed with ***", done.stderr)
        self.show_nothing()


class Needs(Host):
    """A plugin with a required option, of which it refuses some values."""

    def setUp(self):
        super().setUp()
        self.put(reload_host.BUILDS.get(name="needs_options",
                                        source=HERE.parent / "broken_plugins" / "needs_options.c"),
                 name="needs_options")

    def configure(self, urls):
        self.write(["needs_options: {interval: 100ms, options: {%s}}" % urls])

    def test_a_missing_required_option_is_an_error_with_its_line(self):
        self.configure("number: 1")
        for done in (scanhost("check-config", self.file), scanhost("run", "--once", "--config", self.file),
                     scanhost("run", "--config", self.file)):
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn("scanhost.yaml:5: scanner 'needs_options' needs the option 'urls' (For a test); "
                          "set scanners.needs_options.options.urls", done.stderr)

    def test_a_refused_value_is_an_error_with_its_line(self):
        self.configure("urls: [nowhere]")
        for done in (scanhost("check-config", self.file), scanhost("run", "--once", "--config", self.file)):
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn("scanhost.yaml:5: scanners.needs_options.options.urls: expected urls such as http://host/path",
                          done.stderr)
        done = scanhost("check-config", self.file, "--json")
        self.assertIn("expected urls such as", json.loads(done.stdout)["problems"][0]["message"])

    def test_a_good_value_passes(self):
        self.configure("urls: ['http://a', 'http://b']")
        self.assertEqual(scanhost("check-config", self.file).returncode, 0)

    def test_it_is_listed_described_and_verified_without_its_option(self):
        listed = scanhost("plugin", "list", "--plugins", self.plugins, "--json")
        self.assertEqual([plugin["name"] for plugin in json.loads(listed.stdout)["plugins"]], ["needs_options"])
        described = scanhost("plugin", "describe", self.plugins / "needs_options.so")
        self.assertIn("urls: text list from 1, required", described.stdout)
        verify = ("plugin", "verify", self.plugins / "needs_options.so", "--check", "load")
        done = scanhost(*verify)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("these required options had invented values: urls", done.stdout)
        given = scanhost(*verify, "--option", "urls=http://a", "--option", "urls=nowhere")
        self.assertEqual(given.returncode, 1)
        self.assertIn("create refuses the option 'urls': expected urls such as", given.stdout)
        self.assertNotIn("invented", given.stdout)

    def test_verify_takes_the_options_of_a_scanner(self):
        self.configure("urls: [nowhere]")
        done = scanhost("plugin", "verify", "--config", self.file, "--scanner", "needs_options", "--check", "load")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("create refuses the option 'urls'", done.stdout)
        over = scanhost("plugin", "verify", "--config", self.file, "--scanner", "needs_options", "--check", "load",
                        "--option", "urls=http://a")
        self.assertEqual(over.returncode, 0, over.stdout)
        for wrong in (("--scanner", "needs_options"), ("--config", self.file), ("--config", self.file, "--scanner", "x"),
                      (self.plugins / "needs_options.so", "--option", "url=http://a")):
            self.assertEqual(scanhost("plugin", "verify", *wrong).returncode, 64, wrong)

    def test_a_reload_refuses_bad_options_and_the_old_generation_goes_on(self):
        self.configure("urls: ['http://a']")
        self.start()
        for urls, expected in (("urls: [nowhere]", "options.urls: expected urls such as"),
                               ("number: 1", "needs the option 'urls'")):
            self.configure(urls)
            done = self.ctl("reload")
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn(expected, done.stdout + done.stderr)
        self.assertEqual(self.status("needs_options")["generation"], 1)

    def test_the_page_learns_names_and_the_owner_values(self):
        self.configure("urls: ['http://a']")
        self.start()
        self.configure("urls: ['http://b']")
        self.assertIn("option urls ['http://a'] -> ['http://b']", self.done("plan"))
        self.done("reload")
        history = self.status("needs_options")["history"]
        self.assertEqual(history[-1]["reason"], "option urls changed")
        self.assertNotIn("http://b", self.done("status", "--json") + self.done("status", "--history") + self.log())


if __name__ == "__main__":
    main()
