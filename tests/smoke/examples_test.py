#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The SDK's examples do what they say: each in the real host, against a private server.

    examples_test.py --bin DIR --examples DIR [--server NAME] [unittest arguments]
"""

import argparse
import contextlib
import http.server
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "support")]

from ports import free_port  # noqa: E402
from run_vectors import connect, private_server, server_ms  # noqa: E402

OPTIONS = None
PATIENCE_S = 30
FAR_MS = 10_000_000


class Example(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scanhost-examples-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.resources = contextlib.ExitStack()
        self.addCleanup(self.resources.close)
        self.address = self.resources.enter_context(private_server(OPTIONS.server))
        self.client = self.resources.enter_context(connect(self.address))

    def must(self, *words):
        return self.client.must(*words)

    def config(self, scanner, settings, listen="none"):
        file = self.folder / "scanhost.yaml"
        file.write_text(json.dumps({  # JSON is valid YAML
            "store": {"url": "unix://" + self.address},
            "plugins": {"path": [str(OPTIONS.examples)], "staging": str(self.folder / "staging")},
            "admin": {"listen": listen, "socket": "none"},
            "scanners": {scanner: settings}}), encoding="utf-8")
        return file

    def run_cycles(self, scanner, settings=None, cycles=1):
        """Returns the report and the host's log."""
        file = self.config(scanner, settings or {})
        done = subprocess.run([OPTIONS.bin / "scanhost", "run", "--cycles", str(cycles), "--json", "--config", file],
                              capture_output=True, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        (report,) = json.loads(done.stdout)
        return report, done.stderr

    def wait_for_metrics(self, scanner, settings, *expected):
        """Runs the host until its metrics page shows all expected lines (regular expressions)."""
        listen = "127.0.0.1:%d" % free_port()
        file = self.config(scanner, settings, listen)
        host = subprocess.Popen([OPTIONS.bin / "scanhost", "run", "--config", file], stderr=subprocess.DEVNULL)
        try:
            deadline, page = time.monotonic() + PATIENCE_S, ""
            while not all(re.search("(?m)^%s$" % line, page) for line in expected):
                self.assertLess(time.monotonic(), deadline, page)
                self.assertIsNone(host.poll())
                time.sleep(0.05)
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    page = urllib.request.urlopen("http://%s/metrics" % listen, timeout=10).read().decode()
        finally:
            host.terminate()
            host.wait(timeout=60)


class SessionJanitor(Example):
    def test_removes_what_expired_and_leaves_the_rest(self):
        now = server_ms(self.client)
        for number in range(150):  # more than two pages
            self.must("ZADD", "sessions:{shard:2}:by_expiry", now - 150 + number, "old-%d" % number)
            self.must("HSET", "session:{shard:2}:old-%d" % number, "user", "ann")
        self.must("ZADD", "sessions:{shard:7}:by_expiry", now - 1, b"zero\0byte", now + FAR_MS, "fresh")
        self.must("SET", b"session:{shard:7}:zero\0byte", "x")
        self.must("HSET", "session:{shard:7}:fresh", "user", "bob")
        report, _ = self.run_cycles("session_janitor", cycles=2)
        self.assertEqual((report["processed"], report["unchanged"], report["errors"]), (151, 0, 0))
        self.assertEqual(report["cycles"][1]["processed"], 0)
        self.assertEqual(sorted(self.must("KEYS", "*")),
                         ["session:{shard:7}:fresh", "sessions:{shard:7}:by_expiry"])


class StreamLag(Example):
    def test_shows_lag_and_pending_of_each_group(self):
        for number in range(5):
            self.must("XADD", "orders", "%d-1" % (number + 1), "n", number)
        self.must("XGROUP", "CREATE", "orders", "billing", "0")
        self.must("XREADGROUP", "GROUP", "billing", "me", "COUNT", 2, "STREAMS", "orders", ">")
        settings = {"interval": "200ms", "options": {"streams": ["orders"], "warn_above": 2}}
        self.wait_for_metrics("stream_lag", settings, r'stream_group_lag\{[^}]*group="orders/billing"[^}]*\} 3',
                              r'stream_group_pending\{[^}]*group="orders/billing"[^}]*\} 2',
                              r"stream_lag_entries(\{.*\})? 3")
        report, log = self.run_cycles("stream_lag", settings)
        self.assertEqual((report["backlog"], report["errors"]), (3, 0))
        self.assertIn("orders/billing is 3 entries behind", log)

    def test_says_what_it_cannot_know(self):
        for number in range(5):
            self.must("XADD", "orders", "%d-1" % (number + 1), "n", number)
        self.must("XGROUP", "CREATE", "orders", "middle", "3-1")
        self.must("XDEL", "orders", "4-1")
        report, log = self.run_cycles("stream_lag", {"options": {"streams": ["orders", "missing"]}})
        self.assertEqual((report["skipped"], report["errors"], report["backlog"]), (1, 1, None))
        self.assertIn("missing: ERR no such key", log)


class KeyTtlAudit(Example):
    def setUp(self):
        super().setUp()
        for number in range(1000):
            self.must("SET", "cache:%d" % number, "x", *(["EX", 1000] if number % 10 else []))
            self.must("SET", "other:%d" % number, "x")

    def test_counts_keys_without_a_time_to_live_and_changes_nothing(self):
        settings = {"interval": "200ms", "options": {"prefixes": ["cache:", "other:"]}}
        self.wait_for_metrics("key_ttl_audit", settings,
                              r'key_ttl_audit_keys_without_ttl\{[^}]*prefix="cache:"[^}]*\} 100',
                              r'key_ttl_audit_keys_without_ttl\{[^}]*prefix="other:"[^}]*\} 1000')
        self.assertEqual(self.must("DBSIZE"), 2000)

    def test_keeps_its_place_from_cycle_to_cycle(self):
        settings = {"page_size": 100, "budget": {"pages": 1}, "options": {"prefixes": ["cache:"]}}
        report, log = self.run_cycles("key_ttl_audit", settings, cycles=40)
        self.assertGreater(report["cycles"][0]["processed"], 0)
        self.assertLess(max(cycle["processed"] for cycle in report["cycles"]), 500)
        self.assertIn("100 of 1000 keys that begin with cache: have no time to live", log)
        self.assertEqual(report["errors"], 0)


class AsynqRecoverer(Example):
    def take(self, queue, task, lease_end):
        """As a worker does that takes a task from its queue."""
        self.must("RPUSH", "asynq:{%s}:active" % queue, task)
        self.must("ZADD", "asynq:{%s}:lease" % queue, lease_end, task)
        self.must("HSET", "asynq:{%s}:t:%s" % (queue, task), "state", "active")

    def test_puts_back_what_workers_let_go_in_every_queue(self):
        now_s = server_ms(self.client) // 1000
        self.must("SADD", "asynq:queues", "mail", "images", "idle")
        for number in range(150):  # more than a page
            self.take("mail", "lost-%d" % number, now_s - 60 + number / 1000)
        self.take("mail", "held", now_s + 1000)
        self.take("images", "late", now_s - 5)  # within the grace
        self.take("images", "lost", now_s - 31)
        report, _ = self.run_cycles("asynq_recoverer", cycles=2)
        self.assertEqual((report["processed"], report["unchanged"], report["errors"]), (151, 0, 0))
        self.assertEqual(self.must("LLEN", "asynq:{mail}:pending"), 150)
        self.assertEqual(self.must("ZRANGE", "asynq:{mail}:lease", 0, -1), ["held"])
        self.assertEqual(self.must("LRANGE", "asynq:{mail}:active", 0, -1), ["held"])
        self.assertEqual(self.must("LRANGE", "asynq:{images}:pending", 0, -1), ["lost"])
        self.assertEqual(self.must("ZRANGE", "asynq:{images}:lease", 0, -1), ["late"])
        self.assertEqual(self.must("HGET", "asynq:{images}:t:lost", "state"), "pending")

    def test_takes_away_the_lease_of_a_task_that_is_active_no_more(self):
        now_s = server_ms(self.client) // 1000
        self.must("SADD", "asynq:queues", "mail")
        self.must("ZADD", "asynq:{mail}:lease", now_s - 60, "done")  # finished meanwhile: active no more
        report, _ = self.run_cycles("asynq_recoverer")
        self.assertEqual((report["processed"], report["unchanged"]), (1, 1))
        self.assertEqual(self.must("EXISTS", "asynq:{mail}:pending", "asynq:{mail}:lease"), 0)


class Webhook:
    """A webhook that keeps what it got. `answer(request)` says its status; it runs in a thread of its own."""

    def __init__(self, answer=lambda request: 204):
        self.requests, self.open, self.most_open = [], 0, 0
        self.changed = threading.Condition()
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                with webhook.changed:
                    webhook.open += 1
                    webhook.most_open = max(webhook.most_open, webhook.open)
                    webhook.changed.notify_all()
                self.body = self.rfile.read(int(self.headers["Content-Length"]))
                status = answer(self)
                with webhook.changed:
                    webhook.open -= 1
                    webhook.requests.append(self)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = "http://127.0.0.1:%d/hook?a=b" % self.server.server_port

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def bodies(self):
        return sorted(request.body for request in self.requests)


class WebhookNotifier(Example):
    def webhook(self, *arguments):
        webhook = Webhook(*arguments)
        self.addCleanup(webhook.close)
        return webhook

    def listener(self, serve=None):
        """A server that talks no HTTP: `serve(connection)` does what it does, in a thread; without it, it says nothing."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)
        if serve is not None:
            def accept():
                with contextlib.suppress(OSError):
                    while True:
                        connection, _ = listening.accept()
                        with connection, contextlib.suppress(OSError):
                            serve(connection)
            thread = threading.Thread(target=accept, daemon=True)
            thread.start()
            self.addCleanup(thread.join)
            self.addCleanup(listening.shutdown, socket.SHUT_RDWR)
        return listening, "http://127.0.0.1:%d/" % listening.getsockname()[1]

    def add(self, notice, text="text", shard=3, due=None):
        due = server_ms(self.client) - 1000 if due is None else due
        self.must("ZADD", "notices:{shard:%d}" % shard, due, notice)
        if text is not None:
            self.must("SET", b"notice:{shard:%d}:" % shard + (notice if isinstance(notice, bytes) else notice.encode()), text)

    def notify(self, url, cycles=1, **options):
        report, _ = self.run_cycles("webhook_notifier", {"options": {"url": url, **options}}, cycles)
        return report

    def waiting(self, shard=3):
        return self.must("ZRANGE", "notices:{shard:%d}" % shard, 0, -1)

    def test_delivers_what_is_due_and_takes_it_out(self):
        webhook = self.webhook()
        now = server_ms(self.client)
        for number in range(50):  # more than two pages
            self.add("n-%d" % number, "text %d" % number, due=now - 100 + number)
        self.add("later", due=now + FAR_MS)
        self.add(b"odd \r\n%\xff", "odd", shard=5)
        report = self.notify(webhook.url, cycles=2)
        self.assertEqual((report["processed"], report["unchanged"], report["errors"]), (51, 0, 0))
        self.assertEqual(webhook.bodies(), sorted([b"odd"] + [b"text %d" % number for number in range(50)]))
        self.assertEqual({request.path for request in webhook.requests}, {"/hook?a=b"})
        self.assertIn("odd%20%0D%0A%25%FF", {request.headers["X-Notice-Id"] for request in webhook.requests})
        self.assertEqual(sorted(self.must("KEYS", "*")), ["notice:{shard:3}:later", "notices:{shard:3}"])

    def test_sends_the_token_and_shows_it_nowhere(self):
        webhook = self.webhook()
        token = self.folder / "token"
        token.write_text("hunter2-hunter2\n")
        token.chmod(0o600)
        self.add("one")
        settings = {"options": {"url": webhook.url, "token_file": str(token)}}
        report, log = self.run_cycles("webhook_notifier", settings)
        self.assertEqual(webhook.requests[0].headers["Authorization"], "Bearer hunter2-hunter2")
        self.assertNotIn("hunter2", json.dumps(report) + log)

    def test_keeps_what_the_webhook_refuses_and_delivers_the_rest(self):
        webhook = self.webhook(lambda request: 500 if request.body == b"bad" else 302 if request.body == b"moved" else 200)
        for notice in ("bad", "good", "moved"):
            self.add(notice, notice)
        report = self.notify(webhook.url)
        self.assertEqual((report["processed"], report["errors"]), (1, 2))
        self.assertEqual(self.waiting(), ["bad", "moved"])
        self.assertEqual(self.must("GET", "notice:{shard:3}:bad"), "bad")

    def test_takes_out_a_notice_without_a_text_and_sends_nothing(self):
        webhook = self.webhook()
        self.add("empty", None)
        self.assertEqual(self.notify(webhook.url)["processed"], 1)
        self.assertEqual((webhook.requests, self.waiting()), ([], []))

    def test_leaves_a_notice_that_was_put_off_while_it_was_sent(self):
        def put_off(_):
            with connect(self.address) as client:
                client.must("ZADD", "notices:{shard:3}", 4102444800000, "one")
            return 200
        webhook = self.webhook(put_off)
        self.add("one")
        report = self.notify(webhook.url)
        self.assertEqual((report["processed"], report["unchanged"]), (1, 1))
        self.assertEqual(self.waiting(), ["one"])

    def test_opens_so_many_connections_and_no_more(self):
        def wait_for_others(_):
            with webhook.changed:
                webhook.changed.wait_for(lambda: webhook.most_open >= 3, PATIENCE_S)
            return 200
        webhook = self.webhook(wait_for_others)
        for number in range(15):
            self.add("n-%d" % number)
        self.assertEqual(self.notify(webhook.url, connections=3, timeout="1m")["processed"], 15)
        self.assertEqual(webhook.most_open, 3)

    def test_sends_a_large_text_whole(self):
        webhook = self.webhook()
        text = b"0123456789abcdef" * (1 << 19)  # 8 MiB: more than the buffers of a socket
        self.add("large", text)
        self.assertEqual(self.notify(webhook.url, timeout="1m")["processed"], 1)
        self.assertTrue(webhook.bodies() == [text])

    def test_takes_an_answer_that_comes_before_the_whole_text_was_read(self):
        def refuse(connection):
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\n")
        _, url = self.listener(refuse)
        self.add("large", b"x" * (8 << 20))
        report = self.notify(url, timeout="1m")
        self.assertEqual((report["processed"], report["errors"], self.waiting()), (0, 1, ["large"]))

    def test_passes_by_the_answers_in_between(self):
        def answer(connection):
            connection.recv(1000)
            for piece in (b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r", b"\n\r\nHTTP/1.1 20", b"4 No Content\r\n\r\n"):
                connection.sendall(piece)
        _, url = self.listener(answer)
        self.add("one")
        self.assertEqual(self.notify(url)["processed"], 1)

    def test_takes_what_is_not_http_for_a_failure(self):
        for answer in (b"", b"+PONG\r\n", b"HTTP/1.1 2\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"x" * 100_000):
            with self.subTest(answer[:20]):
                def say(connection, answer=answer):
                    connection.recv(1000)
                    connection.sendall(answer)
                _, url = self.listener(say)
                self.add("one")
                report = self.notify(url)
                self.assertEqual((report["processed"], report["errors"], self.waiting()), (0, 1, ["one"]))

    def test_gives_up_a_webhook_that_takes_no_connection(self):
        self.add("one")
        report = self.notify("http://127.0.0.1:%d/" % free_port())
        self.assertEqual((report["processed"], report["errors"], self.waiting()), (0, 1, ["one"]))

    def test_gives_up_a_webhook_that_hangs_or_trickles(self):
        over = threading.Event()
        self.addCleanup(over.set)
        def trickle(connection):
            connection.sendall(b"HTTP/1.1 200 ")
            while not over.wait(0.02):  # each byte comes long before the time is over, the end never does
                connection.sendall(b"x")
        for serve in (None, trickle):
            with self.subTest(serve=serve):
                _, url = self.listener(serve)
                self.add("one")
                report = self.notify(url, timeout="300ms")
                self.assertEqual((report["processed"], report["errors"], self.waiting()), (0, 1, ["one"]))

    def test_a_webhook_that_hangs_does_not_hold_up_a_stop(self):
        listening, url = self.listener()
        for number in range(10):
            self.add("n-%d" % number)
        file = self.config("webhook_notifier", {"drain_timeout": "100ms", "options": {"url": url, "timeout": "1h"}})
        log = (self.folder / "log").open("w")
        self.addCleanup(log.close)
        host = subprocess.Popen([OPTIONS.bin / "scanhost", "run", "--config", file], stderr=log)
        self.addCleanup(host.wait)
        self.addCleanup(host.kill)
        listening.settimeout(PATIENCE_S)
        connection, _ = listening.accept()
        with connection:
            host.terminate()
            self.assertEqual(host.wait(timeout=PATIENCE_S), 0)
        self.assertEqual(len(self.waiting()), 10)

    def test_verify_sends_nothing(self):
        webhook = self.webhook()
        done = subprocess.run([OPTIONS.bin / "scanhost", "plugin", "verify", OPTIONS.examples / "webhook_notifier.so",
                               "--check", "scan", "--option", "url=" + webhook.url],
                              capture_output=True, encoding="utf-8", timeout=250)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(webhook.most_open, 0)


class Presence(Example):
    def test_takes_out_who_is_silent_and_tells_who_listens(self):
        now = server_ms(self.client)
        for number in range(150):  # more than a page
            self.must("ZADD", "presence:{room:3}", now - 60_000 + number, "user-%d" % number)
        self.must("ZADD", "presence:{room:3}", now + FAR_MS, "bob")
        listener = self.resources.enter_context(connect(self.address))
        listener.send("SUBSCRIBE", "presence:{room:3}:left")
        self.assertEqual(listener.read()[0], "subscribe")
        report, _ = self.run_cycles("presence", {"unload": "never"}, cycles=2)
        self.assertEqual((report["processed"], report["errors"]), (150, 0))
        left = [listener.read()[2] for _ in range(150)]
        self.assertEqual(left, ["user-%d" % number for number in range(150)])
        self.assertEqual(self.must("ZRANGE", "presence:{room:3}", 0, -1), ["bob"])


class Verify(unittest.TestCase):
    NEEDED = {"webhook_notifier": ["--option", "url=http://127.0.0.1:9/"]}

    def test_every_example_keeps_the_rules(self):
        for plugin in sorted(OPTIONS.examples.glob("*.so")):
            with self.subTest(plugin.name):
                done = subprocess.run([OPTIONS.bin / "scanhost", "plugin", "verify", plugin,
                                       *self.NEEDED.get(plugin.stem, [])], capture_output=True,
                                      encoding="utf-8", timeout=250)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class TheTable(unittest.TestCase):
    def test_every_example_is_in_the_table_of_the_readme(self):
        sdk = TESTS.parent / "sdk"
        sources = {file.stem for file in (sdk / "examples").iterdir() if file.suffix in (".c", ".cpp", ".rs")}
        section = re.search(r"^## Examples\n(.*?)^## ", (sdk / "README.md").read_text(encoding="utf-8"),
                            flags=re.M | re.S).group(1)
        self.assertEqual(sources, set(re.findall(r"^\| `(\w+)` \|", section, flags=re.M)))


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--examples", type=pathlib.Path, required=True)
    parser.add_argument("--server", default=None)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
