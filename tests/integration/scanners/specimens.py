# SPDX-License-Identifier: Apache-2.0
"""For each scanner an item that it has to handle: how to make it, where it is found, how to see that it was handled."""

import dataclasses
import uuid
from typing import Callable, Optional


def uuid_of(name):
    """A name as a UUID, which some ids must be. Its first two digits are the code of the name's first letter."""
    data = name.encode("utf-8", "surrogateescape")
    return data[:1].hex() + str(uuid.uuid5(uuid.NAMESPACE_OID, data.hex()))[2:]


@dataclasses.dataclass(frozen=True)
class Specimen:
    """`tag` names the partition; texts contain it literally, and `%s` in place of the item's name."""

    tag: str
    index: str  # where the item is found
    record: str  # the key that the scanner reads first
    page: int
    member: str = "%s"  # the item's member in the index
    vector: Optional[str] = None  # the vector whose records are copied,
    word: str = "exec-001"  # and the word in them that is replaced by the name;
    recipe: Optional[Callable] = None  # or a function that makes the commands from a name
    field: Optional[str] = None  # the record's field after the item was handled; None: the record is gone then
    value: Optional[str] = None
    result: Optional[str] = None  # the key with that field or value, if it is not the record
    is_set: bool = False  # the index is a set, all of which is walked
    filtered: bool = False  # whether the scanner's filter applies,
    owner: str = ""  # to the records that begin so; by default the execution's own
    tracked: bool = False  # whether failures lead to back-off
    reported: bool = False  # the item is only counted and logged, nothing is written
    is_uuid: bool = False  # ids must be UUIDs

    def moved(self, tag):
        """The same in another partition."""
        texts = {field.name: getattr(self, field.name).replace(self.tag, tag) for field in dataclasses.fields(self)
                 if isinstance(getattr(self, field.name), str) and field.name not in ("vector", "word")}
        recipe = self.recipe and (lambda name, of=self.recipe: [[part.replace(self.tag, tag) for part in command]
                                                               for command in of(name)])
        return dataclasses.replace(self, **dict(texts, recipe=recipe))

    def id_of(self, name):
        return uuid_of(name) if self.is_uuid else name

    def commands(self, name, setups):
        """The commands that make the item; they may contain $NOW."""
        if self.recipe:
            return self.recipe(name)
        here = self.tag
        home = "{b:0}" if here.startswith("{b") else ("{fp:1}" if self.vector in AT_HOME_IN_1 else "{fp:0}")
        return [[part.replace(home, here).replace(self.word, name) for part in command]
                for command in setups[self.vector]]


AT_HOME_IN_1 = {"dependency_reconciler/last_edge_satisfied"}


def _execution(vector, index, field, value, page, tag="{fp:0}", tracked=True):
    return Specimen(tag, "ff:idx:%s:%s" % (tag, index), "ff:exec:%s:%s:%%s:core" % (tag, tag), page, tag + ":%s",
                    vector, field=field, value=value, filtered=True, tracked=tracked)


def _lost_execution(name):
    """Eligible by its record, but in no index of its lane."""
    return [["HSET", "ff:exec:{fp:0}:{fp:0}:%s:core" % name, "namespace", "acme", "lane_id", "default",
             "lifecycle_phase", "runnable", "eligibility_state", "eligible_now", "ownership_state", "unowned"],
            ["SADD", "ff:idx:{fp:0}:all_executions", "{fp:0}:" + name]]


def _budget_over_its_limit(name):
    budget = "ff:budget:{b:0}:" + name
    return [["HSET", budget, "budget_id", name, "reset_interval_ms", "0"], ["HSET", budget + ":limits", "hard:tokens", "9"],
            ["HSET", budget + ":usage", "tokens", "10"], ["SADD", "ff:idx:{b:0}:budget_policies", name]]


def _quota_whose_counter_drifted(name):
    quota = "ff:quota:{q:0}:" + name
    return [["HSET", quota, "requests_per_window_seconds", "3600", "active_concurrency_cap", "5"],
            ["SET", quota + ":concurrency", "4"], ["SADD", quota + ":admitted_set", "{fp:0}:admitted"],
            ["SET", quota + ":admitted:{fp:0}:admitted", "1"],
            ["ZADD", quota + ":window:requests_per_window", "$NOW-1000", "{fp:0}:admitted"],
            ["SADD", "ff:idx:{q:0}:quota_policies", name]]


def flow_member(name):
    return "{fp:0}:" + uuid_of(name)


def _flow_of_one(name):
    flow = "ff:flow:{fp:0}:" + name
    return [["HSET", flow + ":core", "flow_id", name], ["SADD", "ff:idx:{fp:0}:flow_index", name],
            ["SADD", flow + ":members", flow_member(name)],
            ["HSET", "ff:exec:{fp:0}:%s:core" % flow_member(name), "public_state", "active"]]


def _flow_that_owes(name):
    """The flow and its member have the same UUID."""
    flow, member = "ff:flow:{fp:0}:" + name, "{fp:0}:" + name
    core = {"execution_id": member, "namespace": "acme", "lane_id": "default", "lifecycle_phase": "runnable",
            "eligibility_state": "eligible_now", "ownership_state": "unowned", "terminal_outcome": "none",
            "attempt_state": "pending_first_attempt", "current_attempt_index": "", "current_lease_epoch": "0",
            "created_at": "1600000000123", "priority": "5", "flow_id": name}
    return [["HSET", flow + ":core", "flow_id", name, "cancel_reason", "no longer needed", "created_at", "$NOW-1000"],
            ["ZADD", "ff:idx:{fp:0}:cancel_backlog", "$NOW-1000", name],
            ["SADD", flow + ":pending_cancels", member],
            ["HSET", "ff:exec:{fp:0}:%s:core" % member, *(part for pair in core.items() for part in pair)]]


def _flow_whose_members_are_purged(name):
    """One member, which was both ends of an edge; the ids of flow, member and edge have the same UUID."""
    flow, member = "ff:flow:{fp:0}:" + name, "{fp:0}:" + name
    return [["HSET", flow + ":core", "flow_id", name, "namespace", "acme", "public_flow_state", "open", "node_count", "1",
             "created_at", "$NOW-864000000", "last_mutation_at", "$NOW-864000000"],
            ["SADD", "ff:idx:{fp:0}:flow_index", name], ["SADD", flow + ":members", member],
            ["HSET", flow + ":member:" + member, "position", "0"], ["HSET", flow + ":summary", "total_members", "1"],
            ["SADD", flow + ":in:" + member, name], ["SADD", flow + ":out:" + member, name],
            ["HSET", flow + ":edge:" + name, "upstream_execution_id", member],
            ["HSET", flow + ":edgegroup:" + member, "policy_variant", "all_of"],
            ["XADD", flow + ":events", "*", "event", "created"]]


def _dead_worker(name):
    return [["SADD", "ff:idx:{acme}:workers", name],
            ["HSET", "ff:worker:{acme}:%s:caps" % name, "worker_id", "w", "lanes_csv", "default", "caps_csv", "gpu",
             "ttl_ms", "30000", "registered_at_ms", "$NOW-600000", "last_heartbeat_ms", "$NOW-600000"]]


SPECIMENS = {
    "lease_expiry": _execution("lease_expiry/due", "lease_expiry", "ownership_state", "lease_expired_reclaimable", 50),
    "delayed_promoter": _execution("delayed_promoter/due_a_quarter_second_ago", "lane:default:delayed",
                                   "eligibility_state", "eligible_now", 50),
    "index_reconciler": Specimen("{fp:0}", "ff:idx:{fp:0}:all_executions", "ff:exec:{fp:0}:{fp:0}:%s:core", 100,
                                 "{fp:0}:%s", recipe=_lost_execution, is_set=True, filtered=True, reported=True),
    "attempt_timeout": _execution("attempt_timeout/due_a_quarter_second_ago", "attempt_timeout", "lifecycle_phase",
                                  "terminal", 50),
    "suspension_timeout": _execution("suspension_timeout/due", "suspension_timeout", "lifecycle_phase", "terminal", 50),
    "pending_wp_expiry": Specimen("{fp:0}", "ff:idx:{fp:0}:pending_waitpoint_expiry", "ff:wp:{fp:0}:wp-%s", 100,
                                  "wp-%s", "pending_wp_expiry/due_a_quarter_second_ago", field="state", value="closed",
                                  filtered=True, tracked=True),
    "retention_trimmer": _execution("retention_trimmer/a_quarter_second_over_a_day", "lane:default:terminal", None,
                                    None, 20, tracked=False),
    "budget_reset": Specimen("{b:0}", "ff:idx:{b:0}:budget_resets", "ff:budget:{b:0}:%s", 20, "%s", "budget_reset/due",
                             "budget-1", field="reset_count", value="7", tracked=True),
    "budget_reconciler": Specimen("{b:0}", "ff:idx:{b:0}:budget_policies", "ff:budget:{b:0}:%s", 100,
                                  recipe=_budget_over_its_limit, field="breached_at",
                                  result="ff:budget:{b:0}:%s:usage", is_set=True),
    "unblock": _execution("unblock/quota_without_condition_is_unblocked", "lane:default:blocked:quota",
                          "eligibility_state", "eligible_now", 100),
    "dependency_reconciler": _execution("dependency_reconciler/last_edge_satisfied",
                                        "lane:default:blocked:dependencies", "eligibility_state", "eligible_now", 50,
                                        "{fp:1}"),
    "quota_reconciler": Specimen("{q:0}", "ff:idx:{q:0}:quota_policies", "ff:quota:{q:0}:%s", 100,
                                 recipe=_quota_whose_counter_drifted, value="1", result="ff:quota:{q:0}:%s:concurrency",
                                 is_set=True),
    "flow_projector": Specimen("{fp:0}", "ff:idx:{fp:0}:flow_index", "ff:flow:{fp:0}:%s:members", 100,
                               recipe=_flow_of_one, field="public_flow_state", value="running",
                               result="ff:flow:{fp:0}:%s:summary", is_set=True),
    "cancel_reconciler": Specimen("{fp:0}", "ff:idx:{fp:0}:cancel_backlog", "ff:flow:{fp:0}:%s:pending_cancels", 50,
                                  recipe=_flow_that_owes, field="terminal_outcome", value="cancelled",
                                  result="ff:exec:{fp:0}:{fp:0}:%s:core", filtered=True, tracked=True,
                                  is_uuid=True),
    "execution_deadline": _execution("execution_deadline/due", "execution_deadline", "lifecycle_phase", "terminal", 50),
    # These two walk the keyspace. The index of the first is another scanner's, which it shortens.
    "flow_trimmer": Specimen("{fp:0}", "ff:idx:{fp:0}:flow_index", "ff:flow:{fp:0}:%s:core", 500,
                             recipe=_flow_whose_members_are_purged, is_set=True, filtered=True,
                             owner="ff:flow:{fp:0}:%s:", is_uuid=True),
    "worker_registry_sweep": Specimen("{acme}", "ff:idx:{acme}:workers", "ff:worker:{acme}:%s:caps", 500,
                                      recipe=_dead_worker, is_set=True),
}


# What an execution waits for, by kind: its reason, the core's field and value, where that is (of two partitions), and
# records with which it may go on.
@dataclasses.dataclass(frozen=True)
class Wait:
    reason: str
    field: str
    needs: str
    key: str
    cleared: tuple


def _waits():
    budget, quota = "0000abc1-0000-4000-8000-000000000002", "0000abc2-0000-4000-8000-000000000001"
    budget_key, quota_key = "ff:budget:{b:1}:" + budget, "ff:quota:{q:1}:" + quota
    return {
        "budget": Wait("waiting_for_budget", "budget_ids", budget, budget_key, (
            ["HSET", budget_key + ":limits", "hard:tokens", "10"], ["HSET", budget_key + ":usage", "tokens", "9"])),
        "quota": Wait("waiting_for_quota", "quota_policy_id", quota, quota_key, (
            ["HSET", quota_key, "max_requests_per_window", "2", "requests_per_window_seconds", "60",
             "active_concurrency_cap", "2"],
            ["ZADD", quota_key + ":window:requests_per_window", "$NOW-1000", "one"], ["SET", quota_key + ":concurrency", "1"])),
        "route": Wait("waiting_for_capable_worker", "required_capabilities", "gpu", "ff:worker:w1:caps", (
            ["SADD", "ff:idx:workers", "w1"], ["SET", "ff:worker:w1:caps", "gpu,linux"])),
    }


WAITS = _waits()


def blocked(kind, name, tag="{fp:0}"):
    """An execution that waits for a budget, a quota or a worker, and may go on."""
    wait = WAITS[kind]
    core = "ff:exec:%s:%s:%s:core" % (tag, tag, name)
    return [["HSET", core, "execution_id", tag + ":" + name, "namespace", "acme", "lane_id", "default", "priority", "5",
             "created_at", "1600000000123", "lifecycle_phase", "runnable", "ownership_state", "unowned", "eligibility_state",
             "blocked_by_" + kind, "blocking_reason", wait.reason, wait.field, wait.needs],
            ["ZADD", "ff:idx:%s:lane:default:blocked:%s" % (tag, kind), "$NOW-5000", tag + ":" + name], *wait.cleared]
