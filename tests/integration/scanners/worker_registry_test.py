#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""worker_registry_sweep on a real server: dead workers leave the registry of their namespace, living ones never.

    worker_registry_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import world
from races_test import AtExactMoments

MINUTE = 60_000


def registry(namespace="acme"):
    return "ff:idx:%s:workers" % namespace


def key(name, part, namespace="acme"):
    return "ff:worker:%s:%s:%s" % (namespace, name, part)


class WorkerRegistry(AtExactMoments):
    def register(self, name, namespace="acme", heartbeat=0, alive=True, caps=True):
        """As ff_register_worker does it; `heartbeat`: how long ago, ms."""
        commands = [["SADD", registry(namespace), name]]
        if alive:
            commands.append(["SET", key(name, "alive", namespace), "1", "PX", "60000"])
        if caps:
            commands.append(["HSET", key(name, "caps", namespace), "worker_id", name, "lanes_csv", "default", "caps_csv",
                             "gpu", "ttl_ms", "30000", "registered_at_ms", "1", "last_heartbeat_ms", "$NOW-%d" % heartbeat])
        self.make(commands)

    def left(self, namespace="acme"):
        return sorted(self.client.must("SMEMBERS", registry(namespace)))

    def check(self, processed, errors=0, **more):
        (report,) = self.sweep("worker_registry_sweep", **more)
        self.assertEqual((report["processed"], report["errors"]), (processed, errors), self.log)

    def test_a_worker_whose_keys_have_expired_leaves_and_the_others_stay(self):
        self.register("dead", alive=False, caps=False)
        self.register("alive")
        self.register("silent", alive=False, heartbeat=MINUTE)
        self.check(1)
        self.assertEqual(self.left(), ["alive", "silent"])

    def test_a_worker_that_was_silent_for_long_leaves_with_what_it_said_it_can_do(self):
        self.register("dead", alive=False, heartbeat=6 * MINUTE)
        self.check(1)
        self.assertEqual(self.client.must("KEYS", "*dead*"), [])

    def test_how_long_is_an_option(self):
        self.register("silent", alive=False, heartbeat=2 * MINUTE)
        self.check(0, options="dead_after: 3m")
        self.check(1, options="dead_after: 1m")

    def test_a_sign_of_life_counts_more_than_an_old_heartbeat(self):
        self.register("slow", heartbeat=60 * MINUTE)
        self.check(0)
        self.assertEqual(self.left(), ["slow"])

    def test_a_worker_that_registers_again_meanwhile_stays(self):
        self.register("dead", alive=False, caps=False)
        self.meanwhile("EVAL", ["SET", key("dead", "alive"), "1"], ["HSET", key("dead", "caps"), "caps_csv", "gpu"])
        self.assertEqual(self.swept("worker_registry_sweep")["processed"], 0)
        self.assertEqual(self.left(), ["dead"])
        self.assertEqual(self.client.must("HGET", key("dead", "caps"), "caps_csv"), "gpu")

    def test_a_worker_whose_heartbeat_comes_meanwhile_stays(self):
        self.register("late", alive=False, heartbeat=6 * MINUTE)
        self.meanwhile("EVAL", ["HSET", key("late", "caps"), "last_heartbeat_ms", "$NOW"])
        self.assertEqual(self.swept("worker_registry_sweep")["processed"], 0)
        self.assertEqual(self.left(), ["late"])

    def test_registries_of_all_namespaces_are_found_among_many_keys(self):
        self.make([["SET", "other:%d" % number, "x"] for number in range(5000)])
        for namespace in ("acme", "a:b", "*", "{beta}"):
            self.register("dead", namespace, alive=False, caps=False)
            self.register("alive", namespace)
        self.check(4)
        for namespace in ("acme", "a:b", "*", "{beta}"):
            self.assertEqual(self.left(namespace), ["alive"])

    def test_with_a_namespace_only_its_registry_is_swept(self):
        for namespace in ("acme", "beta"):
            self.register("dead", namespace, alive=False, caps=False)
        self.check(1, options="namespace: beta, instance_tag: 'acme.instance=i-1'")
        self.assertEqual((self.left(), self.left("beta")), (["dead"], []))

    def test_the_global_registry_is_left_alone(self):
        self.make([["SADD", "ff:idx:workers", "w1"], ["SET", "ff:worker:w1:caps", "gpu"]])
        before = self.database()
        self.check(0)
        self.assertEqual(self.database(), before)

    def test_a_large_registry_is_swept_in_one_cycle(self):
        for number in range(1500):
            self.client.must("SADD", registry(), "dead-%d" % number)
        self.register("alive")
        self.check(1500)
        self.assertEqual(self.left(), ["alive"])

    def test_without_drain_one_page_of_workers_leaves_in_a_cycle(self):
        for number in range(25):
            self.client.must("SADD", registry(), "dead-%d" % number)
        file = self.config({"worker_registry_sweep": "page_size: 10, drain: false"})
        reports = self.run_cycles(file, "worker_registry_sweep", 3)
        self.assertEqual([report["processed"] for report in reports], [10, 10, 5], self.log)

    def test_a_registry_of_the_wrong_type_is_an_error_and_harms_no_other(self):
        self.client.must("SET", registry("broken"), "of no use")
        self.register("dead", alive=False, caps=False)
        self.check(1, errors=1)

    def test_unblock_counts_on_none_that_left(self):
        """What a dead worker could do does not unblock anybody once it is out of the registry."""
        self.register("dead", alive=False, heartbeat=6 * MINUTE)
        core = "ff:exec:{fp:0}:{fp:0}:item:core"
        self.make([["HSET", core, "namespace", "acme", "lifecycle_phase", "runnable", "ownership_state", "unowned",
                    "eligibility_state", "blocked_by_route", "blocking_reason", "waiting_for_capable_worker",
                    "required_capabilities", "gpu"],
                   ["ZADD", "ff:idx:{fp:0}:lane:default:blocked:route", "1", "{fp:0}:item"]])
        self.check(1)
        self.sweep("unblock", options="worker_registry: namespaced")
        self.assertEqual(self.client.must("HGET", core, "eligibility_state"), "blocked_by_route")


if __name__ == "__main__":
    world.main()
