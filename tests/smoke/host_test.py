#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built host as its users see it: commands, exit codes, messages, the endpoint, signals.

    host_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "contract"), str(HERE.parent / "support")]

from ports import free_port  # noqa: E402
from run_vectors import connect, private_server  # noqa: E402

OPTIONS = None
PATIENCE_S = 30


def scanhost(*arguments, environment=None):
    return subprocess.run([str(OPTIONS.bin / "scanhost"), *map(str, arguments)], capture_output=True,
                          encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, **(environment or {})))


def eventually(check, what):
    """Waits until check() returns a true value, and returns it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not happen within %d s: %s" % (PATIENCE_S, what))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-smoke-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.resources = contextlib.ExitStack()
        self.addCleanup(self.resources.close)

    def server(self):
        address = self.resources.enter_context(private_server(OPTIONS.server))
        self.client = self.resources.enter_context(connect(address))
        return address

    def config(self, address="/nowhere.sock", scanners="lease_expiry: {}", admin="none", more="", store=""):
        file = self.folder / "scanhost.yaml"
        file.write_text("\n".join([
            "store: {url: 'unix://%s'%s}" % (address, store),
            "plugins: {path: ['%s'], staging: '%s'}" % (OPTIONS.plugins, self.folder / "staging"),
            "admin: {listen: '%s', socket: control.sock}" % admin,
            more,
            "scanners:",
            *("  " + line for line in scanners.splitlines()), ""]), encoding="utf-8")
        return file

    def install(self, file):
        done = scanhost("functions", "install", "--config", file)
        self.assertEqual(done.returncode, 0, done.stderr)


class CommandLine(Case):
    def test_help_and_version_answer_on_standard_output(self):
        for words in (["--help"], ["run", "--help"], ["check-config", "--help"], ["plugin", "--help"],
                      ["plugin", "list", "--help"], ["plugin", "describe", "--help"],
                      ["plugin", "verify", "--help"], ["plugin", "new", "--help"], ["functions", "--help"],
                      ["functions", "print", "--help"], ["functions", "status", "--help"],
                      ["functions", "install", "--help"], ["demo", "--help"], ["ctl", "--help"],
                      ["ctl", "status", "--help"], ["ctl", "reload", "--help"], ["ctl", "release", "--help"]):
            done = scanhost(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
            self.assertIn("sage", done.stdout, words)
        self.assertRegex(scanhost("--version").stdout, r"^scanhost \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_line_ends_with_64_and_says_why(self):
        for words in ([], ["fly"], ["run"], ["run", "--config", "x", "--cycles", "0"], ["run", "--config", "x", "--json"],
                      ["run", "--config", "x", "--once", "--cycles", "2"], ["functions"], ["plugin"], ["check-config"],
                      ["run", "--config", "x", "--once", "--log-level", "loud"], ["ctl"], ["ctl", "run-now"],
                      ["ctl", "rollback"], ["ctl", "rollback", "a", "b"], ["ctl", "release", "short"],
                      ["ctl", "status", "--timeout", "5"]):
            done = scanhost(*words)
            self.assertEqual(done.returncode, 64, (words, done.stderr))
            self.assertNotEqual(done.stderr, "", words)
            self.assertEqual(done.stdout, "", words)

    def test_ctl_without_a_host_ends_with_69_and_says_what_to_do(self):
        for words in (["--socket", self.folder / "none.sock"], ["--config", self.config()]):
            done = scanhost("ctl", "status", *words)
            self.assertEqual((done.returncode, done.stdout), (69, ""), words)
            self.assertIn("no scanhost listens at %s/" % self.folder, done.stderr)

    def test_ctl_says_that_a_host_without_a_control_socket_cannot_be_asked(self):
        file = self.folder / "silent.yaml"
        file.write_text("admin: {socket: none}\nscanners: {}\n")
        done = scanhost("ctl", "status", "--config", file)
        self.assertEqual(done.returncode, 78)
        self.assertIn("admin.socket is none", done.stderr)

    def test_a_missing_configuration_file_ends_with_66(self):
        done = scanhost("run", "--once", "--config", self.folder / "none.yaml")
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("none.yaml", done.stderr)


class CheckConfig(Case):
    def test_every_shipped_configuration_passes(self):
        files = sorted((OPTIONS.root / "config").glob("*.yaml"))
        self.assertGreaterEqual(len(files), 2)
        for file in files:
            copy = self.folder / file.name
            text = file.read_text(encoding="utf-8")
            copy.write_text(text.replace("/usr/lib/scanhost/plugins", str(OPTIONS.plugins)), encoding="utf-8")
            done = scanhost("check-config", copy)
            self.assertEqual((done.returncode, done.stderr), (0, ""), file.name)

    def test_the_full_configuration_shows_every_option_of_every_bundled_plugin(self):
        text = (OPTIONS.root / "config" / "scanhost.yaml").read_text(encoding="utf-8")
        plugins = json.loads(scanhost("plugin", "list", "--json", "--plugins", OPTIONS.plugins).stdout)["plugins"]
        missing = []
        for plugin in plugins:
            done = scanhost("plugin", "describe", plugin["name"], "--json", "--plugins", OPTIONS.plugins)
            section = re.search(r"^  #? ?%s:.*?(?=^  #? ?[a-z_]+:|\Z)" % plugin["name"], text, re.M | re.S)
            self.assertIsNotNone(section, plugin["name"])
            common = text[text.index("\noptions:"):text.index("\nplugins:")]
            missing += ["%s.%s" % (plugin["name"], option["name"]) for option in json.loads(done.stdout)["options"]
                        if option["name"] + ":" not in section.group() + common]
        self.assertEqual(missing, [])

    def test_refuses_what_a_start_would_refuse_for_want_of_scanners(self):
        for scanners in ("{}", "lease_expiry: {enabled: false}"):
            file = self.config(scanners=scanners)
            for words in (["check-config", file], ["run", "--config", file]):
                done = scanhost(*words)
                self.assertEqual(done.returncode, 78, words)
                self.assertIn("no scanner is enabled", done.stderr)

    def test_suggests_the_plugin_that_was_probably_meant(self):
        done = scanhost("check-config", self.config(scanners="lease_expire: {}"))
        self.assertEqual(done.returncode, 78)
        self.assertIn("did you mean 'lease_expiry'?", done.stderr)

    def test_all_errors_come_at_once_with_file_and_line(self):
        file = self.config(scanners="\n".join([
            "lease_expiry: {intervall: 2s}",
            "delayed_promoter: {interval: 5, options: {lane: [a]}}",
            "no_such_plugin: {}"]), more="stor: {}")
        done = scanhost("check-config", file)
        self.assertEqual(done.returncode, 78, done.stderr)
        for part in (":4: ", ":6: ", ":7: ", ":8: ", "intervall", "'interval'", "stor", "'store'", "lane", "'lanes'",
                     "no_such_plugin"):
            self.assertIn(part, done.stderr)
        result = json.loads(scanhost("check-config", "--json", file).stdout)
        self.assertFalse(result["ok"])
        self.assertEqual(result["exit_code"], 78)
        self.assertEqual([(problem["file"], problem["line"]) for problem in result["problems"]],
                         [(str(file), line) for line in (4, 6, 7, 7, 8)], result)
        self.assertEqual("".join("%(file)s:%(line)d: %(message)s\n" % problem for problem in result["problems"]),
                         result["message"] + "\n")

    def test_warnings_are_said_beside_errors(self):
        file = self.config(scanners="lease_expiry: {interval: 50ms}\ndelayed_promoter: {intervall: 1s}")
        warning = "scanners.lease_expiry.interval: 50ms is below the minimum; 100ms is used"
        for words in (["check-config", file], ["run", "--once", "--config", file], ["run", "--config", file]):
            done = scanhost(*words)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("intervall", done.stderr)
            self.assertIn(warning, done.stderr)
        result = json.loads(scanhost("check-config", "--json", file).stdout)
        self.assertEqual([entry["message"] for entry in result["warnings"]], [warning])
        self.assertEqual(len(result["problems"]), 1, result)

    def test_what_has_no_line_is_in_the_message(self):
        for file, words in ((self.folder / "no.yaml", "cannot read"), (self.config(scanners="{}"), "no scanner is enabled")):
            result = json.loads(scanhost("check-config", "--json", file).stdout)
            self.assertEqual((result["ok"], result["problems"]), (False, []))
            self.assertIn(words, result["message"])

    def test_a_long_file_that_is_no_configuration_is_answered_with_few_problems(self):
        file = self.folder / "wrong.yaml"
        for line in ("key%06d: 1\n", "- item %06d\n", "scanners: {a%06d: {x: 1}}\n", "'%06d\n", "a%06d: {b: [c, {d: !e f}]}\n"):
            file.write_text("".join(line % number for number in range((1 << 20) // len(line % 0))), encoding="utf-8")
            done = scanhost("check-config", file)
            self.assertEqual(done.returncode, 78, (line, done.stderr[-300:]))
            self.assertLess(len(done.stderr.splitlines()), 250, line)
            self.assertIn(str(file) + ":", done.stderr)
        file.write_text("#" * ((1 << 20) + 1))
        done = scanhost("check-config", file)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertIn("is longer than 1 MiB", done.stderr)

    def test_no_command_shows_what_may_be_a_password_in_a_url(self):
        file = self.folder / "scanhost.yaml"
        for url in ("unix:///x.sock?db=1&password=hunter2", "unix://joe:hunter2@/x.sock", "redis://joe:hunter2@db/0",
                    "redis://:hunter2", "redis://db:1/0?password=hunter2", "valkey://db/hunter2", "unix:///x.sock#hunter2",
                    "redis:joe:hunter2@db", "rediss://hunter2@db"):
            file.write_text("store: {url: '%s'}\nplugins: {path: ['%s'], staging: '%s'}\n"
                            "admin: {listen: none, socket: control.sock}\nscanners: {lease_expiry: {}}\n"
                            % (url, OPTIONS.plugins, self.folder / "staging"), encoding="utf-8")
            for words, code in ((["check-config", file], 78), (["check-config", "--json", file], 78),
                                (["run", "--config", file, "--log-level", "trace"], 78),
                                (["run", "--once", "--json", "--config", file], 78),
                                (["functions", "status", "--config", file], 78),
                                (["functions", "install", "--json", "--config", file], 78),
                                (["ctl", "status", "--config", file], 69)):
                done = scanhost(*words)
                self.assertEqual(done.returncode, code, (url, words, done.stderr))
                self.assertNotIn("hunter2", done.stdout + done.stderr, (url, words))
                if code == 78 and "--json" not in words:
                    self.assertIn("scanhost.yaml:1: store.url: ", done.stderr, (url, words))

    def test_json_names_the_scanners(self):
        done = scanhost("check-config", "--json", self.config(scanners="lease_expiry: {interval: 3s}"))
        result = json.loads(done.stdout)
        self.assertTrue(result["ok"])
        self.assertEqual([(scanner["name"], scanner["interval_ms"]) for scanner in result["scanners"]], [("lease_expiry", 3000)])


class Plugins(Case):
    def test_list_names_the_bundled_plugins(self):
        done = scanhost("plugin", "list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        names = {plugin["name"] for plugin in json.loads(done.stdout)["plugins"]}
        self.assertLessEqual({"lease_expiry", "delayed_promoter", "cancel_reconciler"}, names)

    def test_list_says_why_others_are_refused(self):
        (self.folder / "text.so").write_text("not a library")
        done = scanhost("plugin", "list", "--plugins", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("text.so", done.stderr)

    def test_describe_prints_the_option_table(self):
        done = scanhost("plugin", "describe", "delayed_promoter")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("lanes", done.stdout)
        result = json.loads(scanhost("plugin", "describe", "--json", OPTIONS.plugins / "delayed_promoter.so").stdout)
        self.assertIn("lanes", [option["name"] for option in result["options"]])

    def test_describe_of_a_missing_plugin_ends_with_66(self):
        self.assertEqual(scanhost("plugin", "describe", "nobody").returncode, 66)


class Functions(Case):
    def test_print_gives_the_whole_library_as_it_lies_beside_the_plugins(self):
        done = scanhost("functions", "print")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, (OPTIONS.plugins / "flowfabric.lua").read_text(encoding="utf-8"))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "#!lua name=flowfabric")
        self.assertRegex(lines[1], r"^-- scanhost functions: flowfabric 34-scanhost\.\d+$")

    def test_install_loads_once_and_status_agrees(self):
        file = self.config(self.server())
        self.assertEqual(scanhost("functions", "status", "--config", file).returncode, 1)
        steps = [json.loads(scanhost("functions", "install", "--json", "--config", file).stdout)[0]["step"]
                 for _ in range(2)]
        self.assertEqual(steps, ["loaded", "kept_same"])
        done = scanhost("functions", "status", "--json", "--config", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["missing"], [])

    def test_install_replaces_an_older_one_of_ours_and_keeps_a_newer_one(self):
        file = self.config(self.server())
        ours = scanhost("functions", "print").stdout
        for version, step in (("12-scanhost.1", "replaced"), ("34-scanhost.0", "replaced"), ("34-scanhost.999", "kept_newer")):
            self.client.must("FUNCTION", "LOAD", "REPLACE",
                             re.sub(r"flowfabric 34-scanhost\.\d+", "flowfabric " + version, ours, count=1))
            done = scanhost("functions", "install", "--json", "--config", file)
            self.assertEqual(json.loads(done.stdout)[0]["step"], step)

    def test_install_never_replaces_a_library_that_is_not_ours(self):
        file = self.config(self.server())
        foreign = "#!lua name=flowfabric\nredis.register_function('other', function() return 1 end)\n"
        self.client.must("FUNCTION", "LOAD", foreign)
        done = scanhost("functions", "install", "--config", file)
        self.assertEqual(done.returncode, 69)
        self.assertIn("ff_mark_lease_expired_if_due", done.stderr)
        self.assertEqual(self.client.call("FCALL", "other", "0"), 1)


class OldServer(threading.Thread):
    """Answers as a server of this version without functions does; with no version, as a proxy that hides it."""

    def __init__(self, address, version):
        super().__init__(daemon=True)
        self.version = version
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, peer):
        with contextlib.suppress(OSError), peer:
            while request := peer.recv(1 << 16):
                for command in re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)\r\n", request):
                    peer.sendall(self.answer(command.decode()))

    def answer(self, command):
        about = "# Server\r\nredis_version:%s\r\nredis_mode:standalone\r\n" % self.version
        if command == "INFO" and self.version:
            return b"$%d\r\n%s\r\n" % (len(about), about.encode())
        known = {"CLIENT": b"+OK\r\n", "TIME": b"*2\r\n$1\r\n5\r\n$1\r\n0\r\n", "PING": b"+PONG\r\n"}
        return known.get(command, b"-ERR unknown command `%s`, with args beginning with: \r\n" % command.encode())


class ServersWithoutFunctions(Case):
    def old_server(self, version):
        address = str(self.folder / ("server-%s.sock" % version))
        server = OldServer(address, version)
        self.addCleanup(server.listener.close)
        server.start()
        return self.config(address)

    def test_are_refused_at_the_start_with_what_they_are_and_what_is_supported(self):
        for version, found in (("6.2.14", "the server says that it is redis 6.2.14"), ("", "the server has no functions")):
            file = self.old_server(version)
            for words in (["run", "--config"], ["run", "--once", "--config"], ["functions", "status", "--config"],
                          ["functions", "install", "--config"]):
                done = scanhost(*words, file)
                self.assertEqual(done.returncode, 69, (words, done.stderr))
                self.assertIn(found, done.stderr, words)
                self.assertIn("use Redis 7.0 or newer, or Valkey", done.stderr, words)


class Staging(Case):
    def test_that_is_full_ends_with_71_since_the_configuration_is_right(self):
        """A limit on the size of files stands in for a full disk; the signal for it is ignored, as Python does."""
        done = subprocess.run([str(OPTIONS.bin / "scanhost"), "run", "--config", str(self.config())], capture_output=True,
                              encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL, restore_signals=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(done.returncode, 71, done.stderr)
        self.assertIn("lease_expiry.so: cannot be copied to the staging folder", done.stderr)

    def refused(self, words, **more):
        file = self.config(self.server(), scanners="lease_expiry: {}\ndelayed_promoter: {}")
        self.install(file)
        done = subprocess.run([*words[:-1], str(OPTIONS.bin / "scanhost"), "run", *words[-1], "--config", str(file)],
                              capture_output=True, encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL, **more)
        self.assertEqual(done.returncode, 71, done.stderr)
        return done.stderr

    def test_descriptors_are_counted_before_the_first_scanner_starts(self):
        for words in ([], ["--once"]):
            message = self.refused([words], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32)))
            self.assertRegex(message, "the scanners need 26 descriptors, and the limit of the process leaves [0-9]+; raise it")
            self.assertNotIn("scanner_started", message)

    @unittest.skipUnless(os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False,
                                                              capture_output=True).returncode == 0,
                         "needs a mount namespace of its own")
    def test_that_has_room_for_half_of_the_copies_is_refused_before_the_first_scanner_starts(self):
        size = sum((OPTIONS.plugins / name).stat().st_size for name in ("lease_expiry.so", "delayed_promoter.so"))
        staging = self.folder / "staging"
        staging.mkdir(exist_ok=True)
        mount = 'mount -t tmpfs -o size=%d tmpfs "$0" && exec "$@"' % (size * 3 // 2)
        message = self.refused(["unshare", "--mount", "sh", "-c", mount, str(staging), []])
        self.assertRegex(message, "staging.*: the copies of the plugins that the scanners open need .* are free; make room")


class Partitions(Case):
    def test_that_somebody_changes_in_the_store_are_noticed_and_taken_by_a_reload(self):
        file = self.config(self.server(), scanners="lease_expiry: {}")
        self.install(file)
        self.client.call("HSET", "ff:config:partitions", "num_flow_partitions", "8")
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen([str(OPTIONS.bin / "scanhost"), "run", "--config", str(file)], stderr=log,
                                       stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.terminate)
        read = (self.folder / "log").read_text
        eventually(lambda: "started: scanners=1" in read(encoding="utf-8"), lambda: read(encoding="utf-8"))
        self.client.call("HSET", "ff:config:partitions", "num_flow_partitions", "16")
        eventually(lambda: "the store now has 16 partitions of the family 'flow' (ff:config:partitions num_flow_partitions),"
                           " and this host sweeps 8; " in read(encoding="utf-8"), lambda: read(encoding="utf-8"))
        self.client.call("HSET", "ff:config:partitions", "num_flow_partitions", "8")
        eventually(lambda: "the same numbers of partitions again" in read(encoding="utf-8"),
                   lambda: read(encoding="utf-8"))
        self.client.call("HSET", "ff:config:partitions", "num_flow_partitions", "16")
        done = scanhost("ctl", "reload", "--socket", self.folder / "control.sock")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("partitions flow 8 -> 16", done.stdout)


class RunCycles(Case):
    def test_refuses_to_start_while_functions_are_missing_and_says_what_to_run(self):
        file = self.config(self.server(), scanners="lease_expiry: {}\ndelayed_promoter: {}")
        done = scanhost("run", "--once", "--json", "--config", file)
        self.assertEqual((done.returncode, done.stdout), (69, ""))
        for part in ("ff_mark_lease_expired_if_due", "ff_promote_delayed", "lease_expiry", "delayed_promoter",
                     "scanhost functions install --config"):
            self.assertIn(part, done.stderr)

    def test_prints_an_array_with_a_report_for_each_cycle(self):
        file = self.config(self.server(), scanners="lease_expiry: {}\ndelayed_promoter: {enabled: false}")
        self.install(file)
        done = scanhost("run", "--cycles", "3", "--json", "--config", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        (result,) = json.loads(done.stdout)
        self.assertEqual((result["name"], result["plugin"], len(result["cycles"])), ("lease_expiry", "lease_expiry", 3))
        self.assertEqual(set(result["cycles"][0]),
                         {"processed", "unchanged", "errors", "skipped", "beyond_allowance", "backlog", "elapsed_ms"})

    def test_runs_named_scanners_even_when_they_are_disabled(self):
        file = self.config(self.server(), scanners="lease_expiry: {}\ndelayed_promoter: {enabled: false}")
        self.install(file)
        done = scanhost("run", "--once", "--json", "--scanner", "delayed_promoter", "--config", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([scanner["name"] for scanner in json.loads(done.stdout)], ["delayed_promoter"])

    def test_names_the_scanners_that_there_are_when_one_is_unknown(self):
        done = scanhost("run", "--once", "--scanner", "nobody", "--config", self.config(self.server()))
        self.assertEqual(done.returncode, 64)
        self.assertIn("lease_expiry", done.stderr)

    def test_a_store_that_is_not_there_ends_with_69(self):
        done = scanhost("run", "--once", "--config", self.config(self.folder / "none.sock"))
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("none.sock", done.stderr)

    def test_partition_counts_that_disagree_with_the_store_are_refused(self):
        file = self.config(self.server(), more="partitions: {flow: 4}")
        self.install(file)
        self.client.must("HSET", "ff:config:partitions", "num_flow_partitions", "256")
        done = scanhost("run", "--once", "--config", file)
        self.assertEqual(done.returncode, 78)
        self.assertIn("partitions.flow", done.stderr)

    def test_a_password_is_used_and_never_shown(self):
        address = self.server()
        self.client.must("CONFIG", "SET", "requirepass", "s3cr3t-of-the-store")
        password = self.folder / "password"
        password.write_text("s3cr3t-of-the-store\n")
        password.chmod(0o600)
        file = self.config(address, store=", password_file: '%s'" % password)
        self.install(file)
        self.assertEqual(scanhost("run", "--once", "--config", file).returncode, 0)
        password.write_text("another-s3cr3t\n")
        done = scanhost("run", "--once", "--config", file)
        self.assertIn(done.returncode, (69, 77))
        self.assertNotIn("s3cr3t", done.stdout + done.stderr)
        file = self.config(address, store=", password_env: STORE_PASSWORD")
        self.assertEqual(scanhost("run", "--once", "--config", file,
                                  environment={"STORE_PASSWORD": "s3cr3t-of-the-store"}).returncode, 0)


class RunningHost(Case):
    """Hosts that run as a service, and what they answer."""

    environment = {}

    def start(self, file, *arguments):
        log = open(self.folder / "log", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen([str(OPTIONS.bin / "scanhost"), "run", "--config", str(file), *arguments],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                   env={**os.environ, **self.environment})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def get(self, port, path):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=5) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode("utf-8")
        except OSError:
            return 0, ""

    def service(self, scanners="lease_expiry: {interval: 200ms}\ncancel_reconciler: {interval: 200ms}"):
        port = free_port()
        file = self.config(self.server(), scanners=scanners, admin="127.0.0.1:%d" % port)
        self.install(file)
        process = self.start(file)
        eventually(lambda: self.get(port, "/readyz")[0] == 200, "ready: " + self.log())
        return process, port


class Log(RunningHost):
    """What the log of a service tells."""

    def lines(self):
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def of_event(self, event):
        return [line for line in self.lines() if line.get("event") == event]

    def bundled(self):
        listed = json.loads(scanhost("plugin", "list", "--json", "--plugins", OPTIONS.plugins).stdout)["plugins"]
        return [plugin["name"] for plugin in listed]

    def cycles(self, port):
        return [scanner["cycles"] for scanner in json.loads(self.get(port, "/status.json")[1])["scanners"]]

    def test_has_an_event_of_the_list_at_its_level_in_each_line(self):
        listed = dict(re.findall(r'log_event \w+\{\s*"(\w+)",\s*(\w+),', (OPTIONS.root / "host/base/events.hpp").read_text()))
        process, port = self.service()
        self.client.must("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        eventually(lambda: self.of_event("store_connected"), self.log)
        process.send_signal(signal.SIGHUP)
        eventually(lambda: self.of_event("reload_finished"), self.log)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0, self.log())
        for line in self.lines():
            self.assertIn(line.get("event"), listed, line)
            level = {"warn": "warning", "off": line["level"]}.get(listed[line["event"]], listed[line["event"]])
            self.assertEqual(line["level"], level, line)
        names = {line["event"] for line in self.lines()}
        self.assertLessEqual({"host_listening", "control_socket_opened", "scanner_started", "host_started", "store_lost",
                              "reload_requested", "host_stopping", "scanner_stopped", "host_stopped"}, names)

    def test_is_silent_while_every_bundled_scanner_cycles_without_work(self):
        names = self.bundled()
        self.assertGreater(len(names), 10)
        process, port = self.service("\n".join("%s: {interval: 100ms}" % name for name in names))
        eventually(lambda: min(self.cycles(port)) >= 2, "cycles")
        before = len(self.lines())
        already = self.cycles(port)
        eventually(lambda: all(now >= then + 20 for now, then in zip(self.cycles(port), already)), "20 cycles")
        self.assertEqual([line for line in self.lines()[before:] if line["event"] != "host_alive"], [])

    def test_has_one_line_for_an_outage_of_all_scanners(self):
        process, port = self.service("\n".join("%s: {interval: 100ms}" % name for name in self.bundled()))
        count = len(self.cycles(port))
        self.client.must("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        eventually(lambda: self.of_event("store_connected"), self.log)
        eventually(lambda: self.get(port, "/readyz")[0] == 200, "ready")
        lost, back = self.of_event("store_lost"), self.of_event("store_connected")
        self.assertLessEqual(len(lost), 2, lost)  # a scanner may notice when all others have recovered
        self.assertEqual(len(lost), len(back))
        self.assertEqual(sum(int(re.search(r"which (\d+) scanners? had lost", line["message"])[1]) for line in back), count)

    def test_names_a_failure_that_repeats_once_and_then_counts_it(self):
        process, port = self.service("lease_expiry: {interval: 100ms}")
        self.client.must("SET", "ff:idx:{fp:0}:lease_expiry", "no sorted set")
        wrong = lambda: [line for line in self.of_event("plugin_message") if "WRONGTYPE" in line["message"]]  # noqa: E731
        eventually(wrong, self.log)
        already = self.cycles(port)[0]
        eventually(lambda: self.cycles(port)[0] >= already + 20, "20 cycles")
        self.assertEqual(len(wrong()), 1, wrong())
        self.assertEqual((wrong()[0]["scanner"], wrong()[0]["partition"]), ("lease_expiry", "{fp:0}"))
        scanhost("ctl", "log-level", "lease_expiry", "debug", "--socket", self.folder / "control.sock")
        eventually(lambda: len(wrong()) > 2, "each of them at the level debug")


class ServiceManager(RunningHost):
    """What systemd reads from the host; a socket of the test stands in for it."""

    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.folder / "notify"))
        self.manager.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": str(self.folder / "notify"), "WATCHDOG_USEC": "3000000"}
        self.messages = []

    def received(self, message, count=1):
        """Whether the message has come that many times so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.messages.append(self.manager.recv(65536).decode("utf-8").split("\n")[0])
        return self.messages.count(message) >= count

    def receive(self, message, count=1):
        eventually(lambda: self.received(message, count), "%s, %d times" % (message, count))

    def test_learns_of_the_start_of_a_reload_of_the_watchdog_and_of_the_stop(self):
        process, port = self.service()
        self.receive("READY=1")
        self.receive("STATUS=2 scanners run")
        pause = urllib.request.Request("http://127.0.0.1:%d/control/pause/lease_expiry" % port, data=b"", method="POST",
                                       headers={"X-Scanhost": "1"})
        with urllib.request.urlopen(pause, timeout=60):
            self.receive("STATUS=1 scanners run, 1 paused")
        process.send_signal(signal.SIGHUP)
        self.receive("RELOADING=1")
        self.receive("READY=1", 2)
        self.receive("WATCHDOG=1", 2)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        self.assertTrue(self.received("STOPPING=1"))

    def test_learns_that_the_host_waits_for_the_store(self):
        self.start(self.config(self.folder / "no.sock", admin="127.0.0.1:%d" % free_port()))
        eventually(lambda: not self.received("READY=1") and
                   any(message.startswith("STATUS=") and "no.sock" in message for message in self.messages),
                   "a status that names the store")


class Service(RunningHost):
    def test_answers_on_its_endpoint_and_stops_in_order(self):
        process, port = self.service()
        self.assertEqual(self.get(port, "/healthz")[0], 200)
        eventually(lambda: 'ff_scanner_cycle_total{scanner="lease_expiry"}' in self.get(port, "/metrics")[1], "a cycle")
        text = self.get(port, "/metrics")[1]
        for name in ("ff_scanner_cycle_duration_seconds_bucket", "ff_cancel_backlog_depth", "scanhost_processed_total",
                     "scanhost_errors_total", "scanhost_skipped_total", "scanhost_generation", "scanhost_connection_up"):
            self.assertIn(name, text)
        names = {scanner["name"] for scanner in json.loads(self.get(port, "/status.json")[1])["scanners"]}
        self.assertEqual(names, {"lease_expiry", "cancel_reconciler"})
        self.assertIn("<html", self.get(port, "/")[1])
        self.assertEqual(self.get(port, "/nothing")[0], 404)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0, self.log())

    def test_has_a_history_of_each_scanner(self):
        _, port = self.service()

        def history(scanner=""):
            return json.loads(self.get(port, "/history.json" + scanner)[1])

        eventually(lambda: history()["at_ms"], "a point")
        hour = history()
        self.assertEqual([scanner["name"] for scanner in hour["scanners"]], ["cancel_reconciler", "lease_expiry"])
        for scanner in hour["scanners"]:
            self.assertEqual({len(values) for name, values in scanner.items() if name != "name"}, {len(hour["at_ms"])})
        eventually(lambda: any(rate is not None for rate in history("/lease_expiry")["scanners"][0]["processed_per_second"]),
                   "a rate, once there are two points")
        self.assertEqual(self.get(port, "/history.json/nobody")[0], 404)

    def test_leaves_nothing_in_its_staging_folder(self):
        process, _ = self.service()
        self.assertTrue(list((self.folder / "staging").rglob("*.so")))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 0, self.log())
        self.assertEqual(list((self.folder / "staging").rglob("*.so")), [])

    def test_waits_for_a_store_that_comes_later(self):
        address = self.server()
        file = self.config(address)
        self.install(file)
        port = free_port()
        file = self.config(self.folder / "later.sock", admin="127.0.0.1:%d" % port)
        process = self.start(file)
        eventually(lambda: self.get(port, "/healthz")[0] == 200, "alive")
        self.assertEqual(self.get(port, "/readyz")[0], 503)
        os.symlink(address, self.folder / "later.sock")
        eventually(lambda: self.get(port, "/readyz")[0] == 200, "ready: " + self.log())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0, self.log())

    def test_refuses_a_store_without_functions(self):
        process = self.start(self.config(self.server()))
        self.assertEqual(process.wait(20), 69)
        self.assertIn("functions install", self.log())

    def test_a_port_in_use_is_said(self):
        with contextlib.closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = self.server()
            self.install(self.config(address))
            process = self.start(self.config(address, admin="127.0.0.1:%d" % taken.getsockname()[1]))
            self.assertNotEqual(process.wait(20), 0)
            self.assertIn(str(taken.getsockname()[1]), self.log())


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
