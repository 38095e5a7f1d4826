# SPDX-License-Identifier: Apache-2.0
"""The engine itself: ff-server on a private server, what a program asks of it over HTTP, and a worker.

The HTTP API does not claim, complete or suspend: workers do that with the engine's client, which calls the functions
of the library that ff-server has loaded. The worker here calls the same functions.
"""

import argparse
import binascii
import contextlib
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request
import uuid

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "contract"),
                str(pathlib.Path(__file__).resolve().parents[1] / "scanners")]

import world  # noqa: E402
from hosts import until  # noqa: E402
from ports import free_port  # noqa: E402
from run_vectors import connect, private_server, server_ms  # noqa: E402

RELEASE = "0.15.0"
FLOWS, BUDGETS, QUOTAS = 4, 2, 2
NAMESPACE = "acme"
YEAR_S = 31536000
# How often ff-server runs each of its scanners by default.
MILLISECONDS = {"LEASE_EXPIRY": 1500, "DELAYED_PROMOTER": 750}
SECONDS = {"INDEX_RECONCILER": 45, "ATTEMPT_TIMEOUT": 2, "SUSPENSION_TIMEOUT": 2, "PENDING_WP_EXPIRY": 5,
           "RETENTION_TRIMMER": 60, "BUDGET_RESET": 15, "BUDGET_RECONCILER": 30, "QUOTA_RECONCILER": 30, "UNBLOCK": 5,
           "DEPENDENCY_RECONCILER": 15, "FLOW_PROJECTOR": 15, "EXECUTION_DEADLINE": 5, "CANCEL_RECONCILER": 15,
           "EDGE_CANCEL_DISPATCHER": 1, "EDGE_CANCEL_RECONCILER": 10}


def intervals(seconds):
    """The settings of ff-server with all seventeen intervals at so many whole seconds."""
    return {**{"FF_%s_INTERVAL_MS" % name: str(seconds * 1000) for name in MILLISECONDS},
            **{"FF_%s_INTERVAL_S" % name: str(seconds) for name in SECONDS}}


class Missing(Exception):
    """Something that the engine needs and that is not here; the text is the reason."""


def find_server():
    """valkey-server, which the engine asks for, else redis-server; (program, whether it is Valkey)."""
    for name in ("valkey-server", "redis-server"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            program = pathlib.Path(folder) / name
            if program.is_file() and os.access(program, os.X_OK):
                return str(program), name == "valkey-server"
    raise Missing("neither valkey-server nor redis-server is on the PATH")


class Gate:
    """A port of the loopback interface that leads to a server's Unix socket.

    The engine starts only on Valkey 7.2 or later, and asks once, with INFO. With `as_valkey` the gate answers this one
    question for a Redis server: it replaces `redis_version:7.0.15` by as many characters with a version of Valkey.
    """

    def __init__(self, address, as_valkey):
        self._address, self._as_valkey = address, as_valkey
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                far.connect(self._address)
                for source, target, change in ((near, far, bytes), (far, near, self._changed)):
                    threading.Thread(target=self._pass_on, args=(source, target, change), daemon=True).start()

    def _changed(self, data):
        return re.sub(rb"redis_version:[0-9.]+", self._version, data) if self._as_valkey else data

    @staticmethod
    def _version(found):
        return b"valkey_version:7.2.0".ljust(len(found[0]), b"0")[:len(found[0])]

    @staticmethod
    def _pass_on(source, target, change):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(change(data))
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Refused(Exception):
    """A reply of the engine's HTTP API other than 2xx."""

    def __init__(self, status, text):
        super().__init__("%d %s" % (status, text))
        self.status = status


class Engine:
    """A running ff-server and its HTTP API."""

    def __init__(self, program, store_port, log, settings):
        self.url = "http://127.0.0.1:%d" % free_port()
        env = {"PATH": os.environ.get("PATH", ""), "RUST_LOG": "warn", "FF_HOST": "127.0.0.1",
               "FF_PORT": str(store_port), "FF_LISTEN_ADDR": self.url[len("http://"):],
               "FF_WAITPOINT_HMAC_SECRET": secrets.token_hex(32), "FF_FLOW_PARTITIONS": str(FLOWS),
               "FF_BUDGET_PARTITIONS": str(BUDGETS), "FF_QUOTA_PARTITIONS": str(QUOTAS), "FF_LANES": "default,special",
               **settings}
        self.log = open(log, "a", encoding="utf-8")
        self.process = subprocess.Popen([str(program)], env=env, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)
        try:
            until(self._answers, 60, lambda: "ff-server answers; its log:\n" + pathlib.Path(log).read_text("utf-8"))
        except BaseException:
            self.end()
            raise

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError("ff-server exited with code %d: %s"
                                 % (self.process.returncode, pathlib.Path(self.log.name).read_text("utf-8")))
        try:
            return self.ask("GET", "/healthz") is not None
        except OSError:
            return False

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode("utf-8"),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read().decode("utf-8", "replace")) from None
        return json.loads(text) if text else {}

    def post(self, path, **body):
        return self.ask("POST", path, {"now": now_ms(), **body})

    def state(self, execution):
        return self.ask("GET", "/v1/executions/%s/state" % execution)

    def create(self, partition=0, namespace=NAMESPACE, lane="default", **more):
        execution = "{fp:%d}:%s" % (partition, uuid.uuid4())
        self.post("/v1/executions", execution_id=execution, namespace=namespace, lane_id=lane, execution_kind="job",
                  input_payload=[], priority=100, creator_identity="test", partition_id=partition, **more)
        return execution

    def create_flow(self, members, namespace=NAMESPACE):
        """A flow with so many executions, in the order in which they were added."""
        flow = Flow(self, str(uuid.uuid4()), namespace)
        self.post("/v1/flows", flow_id=flow.id, flow_kind="dag", namespace=namespace)
        for _ in range(members):
            flow.add()
        return flow

    def create_budget(self, reset_ms):
        budget = Counted("budget", "b", BUDGETS)
        self.post("/v1/budgets", budget_id=budget.id, scope_type="lane", scope_id="default", enforcement_mode="soft",
                  on_hard_limit="fail", on_soft_limit="warn", reset_interval_ms=reset_ms, dimensions=["tokens"],
                  hard_limits=[1000], soft_limits=[500])
        return budget

    def create_quota(self):
        quota = Counted("quota", "q", QUOTAS)
        self.post("/v1/quotas", quota_policy_id=quota.id, window_seconds=60, max_requests_per_window=100,
                  max_concurrent=10)
        return quota


def partition_of(entity, partitions):
    """Where the engine puts what has this UUID."""
    return binascii.crc_hqx(uuid.UUID(entity).bytes, 0) % partitions


class Counted:
    """A budget or a quota."""

    def __init__(self, kind, letter, partitions):
        self.id = str(uuid.uuid4())
        self._start = "ff:%s:{%s:%d}:%s" % (kind, letter, partition_of(self.id, partitions), self.id)

    def key(self, part):
        return self._start + part


class Flow:
    def __init__(self, engine, flow_id, namespace):
        self.engine, self.id, self.namespace, self.members = engine, flow_id, namespace, []
        self.partition = partition_of(flow_id, FLOWS)
        self.tag = "{fp:%d}" % self.partition
        self.backlog = "ff:idx:%s:cancel_backlog" % self.tag

    def key(self, part):
        return "ff:flow:%s:%s:%s" % (self.tag, self.id, part)

    def add(self):
        member = self.engine.create(self.partition, self.namespace)
        self.engine.post("/v1/flows/%s/members" % self.id, flow_id=self.id, execution_id=member)
        self.members.append(member)
        return member

    def connect(self, upstream, downstream, revision):
        """An edge, staged and applied; gives the graph's new revision."""
        edge = {"flow_id": self.id, "edge_id": str(uuid.uuid4()), "upstream_execution_id": upstream,
                "downstream_execution_id": downstream}
        staged = self.engine.post("/v1/flows/%s/edges" % self.id, expected_graph_revision=revision, **edge)
        revision = next(iter(staged.values()))["new_graph_revision"]
        self.engine.post("/v1/flows/%s/edges/apply" % self.id, graph_revision=revision, **edge)
        return revision

    def cancel(self):
        return self.engine.post("/v1/flows/%s/cancel" % self.id, flow_id=self.id, reason="operator",
                                cancellation_policy="cancel_all")


class Worker:
    """Does with functions of the engine's library what its client does for a worker."""

    def __init__(self, client, instance="worker-1"):
        self._client, self._instance = client, instance

    def call(self, function, keys, arguments):
        reply = self._client.must("FCALL", function, str(len(keys)), *keys, *arguments)
        if reply[0] != 1:
            raise AssertionError("%s refused: %r" % (function, reply))
        return reply

    def register(self, capabilities, namespace=NAMESPACE, ttl_ms=60000):
        worker = "ff:worker:%s:%s:" % (namespace, self._instance)
        self.call("ff_register_worker", [worker + "alive", worker + "caps", "ff:idx:%s:workers" % namespace],
                  [self._instance, self._instance, "default,special", capabilities, ttl_ms, now_ms()])

    def claim(self, execution, lease_ms=60000, timeout_ms=""):
        part, index, lane = keys_of(execution)
        self.call("ff_issue_grant_and_claim",
                  [part("core"), part("claim_grant"), lane("eligible"), index("lease_expiry"),
                   index("worker:%s:leases" % self._instance), part("attempts"), part("lease:current"),
                   part("lease:history"), lane("active"), index("attempt_timeout"), index("execution_deadline")],
                  [execution, self._instance, self._instance, "default", "", uuid.uuid4(), lease_ms, uuid.uuid4(), "",
                   timeout_ms, ""])

    def complete(self, execution):
        self._end("ff_complete_execution", execution, ["", ""])

    def fail(self, execution):
        self._end("ff_fail_execution", execution, ["broken", "application", "", ""])

    def _end(self, function, execution, arguments):
        """Completing has a key for the result, the tenth, and failing one for the delayed, the sixth."""
        part, index, lane = keys_of(execution)
        attempt, fence = self._claimed(execution)
        failing = function == "ff_fail_execution"
        keys = [part("core"), attempt_key(execution, attempt), index("lease_expiry"),
                index("worker:%s:leases" % self._instance), lane("terminal"), *([lane("delayed")] if failing else []),
                part("lease:current"), part("lease:history"), lane("active"), stream_key(execution, attempt),
                *([] if failing else [part("result")]), index("attempt_timeout"), index("execution_deadline")]
        self.call(function, keys, [execution, *fence, *arguments])

    def finish(self, execution):
        self.claim(execution)
        self.complete(execution)

    def break_off(self, execution):
        self.claim(execution)
        self.fail(execution)

    def suspend(self, execution, timeout_ms, behavior="fail", composite=False):
        """Waits for a signal at most so long; gives the id of its waitpoint."""
        part, index, lane = keys_of(execution)
        attempt, (lease, epoch, attempt_id) = self._claimed(execution)
        waitpoint, tag = str(uuid.uuid4()), tag_of(execution)
        waits_at = "wpk:" + waitpoint
        condition = {"condition_type": "signal_set", "required_signal_names": ["go"], "signal_match_mode": "any",
                     "minimum_signal_count": 1}
        if composite:
            condition = {"composite": True, "v": 1, "tree": {"kind": "Count", "n": 2, "count_kind": "DistinctSignals",
                                                             "waitpoints": [waits_at], "path": ""}}
        policy = {"resume_target": "runnable", "close_waitpoint_on_resume": True, "consume_matched_signals": True,
                  "retain_signal_buffer_until_closed": True}
        record = "ff:wp:%s:%s" % (tag, waitpoint)
        self.call("ff_suspend_execution",
                  [part("core"), attempt_key(execution, attempt), part("lease:current"), part("lease:history"),
                   index("lease_expiry"), index("worker:%s:leases" % self._instance), part("suspension:current"),
                   record, record + ":signals", index("suspension_timeout"), index("pending_waitpoint_expiry"),
                   lane("active"), lane("suspended"), part("waitpoints"), record + ":condition",
                   index("attempt_timeout"), "ff:sec:%s:waitpoint_hmac" % tag, "ff:noop:%s" % tag],
                  [execution, attempt, attempt_id, lease, epoch, uuid.uuid4(), waitpoint, waits_at,
                   "waiting_for_signal", "worker", server_ms(self._client) + timeout_ms, json.dumps(condition),
                   json.dumps(policy), "", "", behavior, "1000", "", "0", "0"])
        return waitpoint

    def announce_waitpoint(self, execution, expires_in_ms):
        """A waitpoint that is created ahead of the suspension."""
        part, index, _ = keys_of(execution)
        tag, waitpoint = tag_of(execution), str(uuid.uuid4())
        attempt, _ = self._claimed(execution)
        self.call("ff_create_pending_waitpoint",
                  [part("core"), "ff:wp:%s:%s" % (tag, waitpoint), index("pending_waitpoint_expiry"),
                   "ff:sec:%s:waitpoint_hmac" % tag],
                  [execution, attempt, waitpoint, "wpk:" + waitpoint, server_ms(self._client) + expires_in_ms])
        return waitpoint

    def set_group_policy(self, flow, child, needs=1):
        """Of the siblings that are still running when the child has what it needs, all are cancelled."""
        self.call("ff_set_edge_group_policy", [flow.key("core"), flow.key("edgegroup:" + child)],
                  ["any_of" if needs == 1 else "quorum", "cancel_remaining", str(needs), now_ms()])

    def _claimed(self, execution):
        """The index of its attempt, and what proves that it is ours: lease, epoch, attempt."""
        attempt, *fence = self._client.must("HMGET", keys_of(execution)[0]("core"), "current_attempt_index",
                                            "current_lease_id", "current_lease_epoch", "current_attempt_id")
        return attempt, fence


def now_ms():
    return int(time.time() * 1000)


def tag_of(execution):
    return execution[:execution.index("}") + 1]


def keys_of(execution):
    """Functions from the last part of a key to the key: of the execution, of its partition's indexes, of its lane's."""
    tag = tag_of(execution)
    return (lambda name: "ff:exec:%s:%s:%s" % (tag, execution, name), lambda name: "ff:idx:%s:%s" % (tag, name),
            lambda name: "ff:idx:%s:lane:default:%s" % (tag, name))


def attempt_key(execution, attempt):
    return "ff:attempt:%s:%s:%s" % (tag_of(execution), execution, attempt)


def stream_key(execution, attempt):
    return "ff:stream:%s:%s:%s:meta" % (tag_of(execution), execution, attempt)


class World:
    """A private server with the engine on it; `client` is a connection of the test's own. For `with`."""

    def __init__(self, program, folder, settings):
        self._program, self._folder, self._settings = program, pathlib.Path(folder), settings
        self._resources = contextlib.ExitStack()

    def _start(self, settings):
        return Engine(self._program, self._gate.port, self._folder / "engine.log", settings)

    def __enter__(self):
        server, is_valkey = find_server()
        with contextlib.ExitStack() as resources:
            self.address = resources.enter_context(private_server(server))
            self.client = resources.enter_context(connect(self.address))
            self.worker = Worker(self.client)
            self._gate = resources.enter_context(contextlib.closing(Gate(self.address, not is_valkey)))
            self.engine = self._start(self._settings)
            resources.callback(lambda: self.engine.end())
            self._resources = resources.pop_all()
        return self

    def __exit__(self, *unused):
        self._resources.close()

    def restart(self, settings):
        """The engine again, with other settings."""
        self.engine.end()
        self.engine = self._start(settings)

    def make_group(self, upstreams, needs=1, namespace=NAMESPACE):
        """A flow with a child that needs some of its upstreams: the flow, the upstreams, the child."""
        flow = self.engine.create_flow(upstreams + 1, namespace)
        *before, child = flow.members
        self.worker.set_group_policy(flow, child, needs)
        revision = len(flow.members)
        for upstream in before:
            revision = flow.connect(upstream, child, revision)
        return flow, before, child

    def make_interrupted_group(self, siblings=4):
        """A group that has fired, and whose first sibling ended before anybody came to cancel it.

        Gives the flow, the siblings that are still to be cancelled, and the child. The engine must not be sweeping."""
        flow, upstreams, child = self.make_group(siblings + 1)
        self.worker.finish(upstreams[0])
        listed = ("HGET", flow.key("edgegroup:" + child), "cancel_siblings_pending_members")
        until(lambda: self.client.must(*listed), 30, "the group fires")
        ended, *waiting = self.client.must(*listed).split("|")
        self.worker.finish(ended)
        return flow, waiting, child

    def cancel_half_done_flow(self):
        """A flow of which one member has ended, and the others are cancelled."""
        flow = self.engine.create_flow(4)
        ended, *others = flow.members
        self.worker.finish(ended)
        flow.cancel()
        until(lambda: all(self.engine.state(member) == "cancelled" for member in others), 30, "their cancels")
        return flow

    def backlog(self):
        """The number of flows whose cancel is not finished."""
        return self._count("ZCARD", "cancel_backlog")

    def pending_groups(self):
        """The number of groups whose siblings are still to be cancelled."""
        return self._count("SCARD", "pending_cancel_groups")

    def _count(self, command, index):
        return sum(self.client.must(command, "ff:idx:{fp:%d}:%s" % (number, index)) for number in range(FLOWS))

    def core(self, execution, *fields):
        return self.client.must("HMGET", keys_of(execution)[0]("core"), *fields)


def main(module):
    """Runs the tests of a file; exits with 77 where what they need is missing."""
    parser = argparse.ArgumentParser()
    for option in ("--bin", "--plugins", "--engine"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    world.OPTIONS, rest = parser.parse_known_args()
    try:
        world.OPTIONS.server, is_valkey = find_server()
        if not world.OPTIONS.engine.is_file():
            raise Missing("there is no %s: packaging/test.sh --engine builds it" % world.OPTIONS.engine)
    except Missing as missing:
        print("skipped: %s" % missing)
        sys.exit(77)
    print("server: %s%s" % (world.OPTIONS.server, "" if is_valkey else " (the engine takes it for Valkey 7.2)"))
    unittest.main(module=module, argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")
