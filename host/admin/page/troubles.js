// What is wrong, from the status alone. A trouble: its level, what it is, since when (ms since the epoch, or null), what
// to do, and the scanners that have it. Scanners with the same trouble share an entry.
"use strict";
const levels = ["bad", "warn", "note"];
const longOverdue = 300000;  // ms, as the alert ScanhostOverdue has it
const advice = {
  blocked: "Install a repaired build, or release this one in its view, or with scanhost ctl release.",
  functions_missing: "scanhost functions install --config FILE; the scanner goes on by itself.",
  stuck: "Install another build or roll back; threads that hang end with a restart of the host.",
  backing_off: "The plugin is started again by itself; if it fails again and again, roll back.",
  stopped: "Load another build, or roll back; the log has the cause.",
  stopping: "It ends by itself.",
  starting: "Wait; the log has more if it lasts.",
  failing: "The log names the items and the words of the server.",
  store: "Repair the store; the scanners go on by themselves.",
};
const lacksStore = s => s.store.state !== "up" || s.store.unreachable.length > 0 || s.store_troubles.length > 0;
function adviceFor(scanner) {
  if (scanner.blocked) return advice.blocked;
  if (advice[scanner.state]) return advice[scanner.state];
  if (lacksStore(scanner)) return advice.store;
  return scanner.cycles === 0 ? advice.starting : advice.failing;
}
function beganAt(scanner) {
  const times = scanner.store_troubles.map(trouble => trouble.since_ms);
  return times.length ? Math.min(...times) : null;
}
function notReady(s) {
  const isNew = !s.blocked && s.cycles === 0 && !lacksStore(s) && ["starting", "waiting"].includes(s.state);
  const since = beganAt(s);
  return { level: isNew ? "note" : "bad", what: s.not_ready, since, todo: adviceFor(s),
    last: since === null ? s.last_cycle_at_ms : null };
}
// The latest change that was about a build; a new interval or a restart says nothing of it.
function latestBuild(scanner) {
  return scanner.history.filter(change => !["retuned", "restarted"].includes(change.outcome)).at(-1);
}
function changeTrouble(change, running) {
  const name = (change.version ? change.version + ", " : "") + "build " + build(change.sha256);
  const what = change.outcome === "refused" ? "refused " + name : "was rolled back from " + name;
  return { level: "warn", tag: words(change.outcome), what: what + (change.reason ? ": " + change.reason : ""), since: change.at_ms,
    todo: "Generation " + running + " runs. Nothing is urgent: install a repaired build." };
}
const signs = [
  { tag: "overdue", found: s => s.oldest_overdue_ms > longOverdue, what: "has items that are overdue",
    since: (s, now) => now - s.oldest_overdue_ms, todo: "Look for a pause, items in back-off, or a budget that is too small." },
  { tag: "items in back-off", found: s => s.items_in_back_off > 0, what: "has items in back-off",
    todo: "Its view lists them, each with its last message; repair their records." },
  { tag: "hangs", found: s => s.stuck_generations > 0 && s.state !== "stuck", what: "has generations that hang in a call of the plugin",
    todo: "Restart the host when it suits; they keep threads and memory." },
  { tag: "memory grows", found: s => s.memory_growth, what: "uses more and more memory",
    since: (s, now) => now - s.memory_growth.span_ms, todo: "Watch it over a day; set memory_limit if it does not end." },
  { tag: "commands refused", found: s => s.refused > 0, what: "asked for commands that its permissions do not allow",
    todo: "The log names them; allow them, or repair the plugin." },
];
function troublesOfScanner(s, now) {
  const found = s.not_ready ? [notReady(s)] : [], change = latestBuild(s);
  if (change && !s.blocked && ["refused", "rolled_back"].includes(change.outcome)) found.push(changeTrouble(change, s.generation));
  for (const { tag, what, since, todo, found: has } of signs)
    if (has(s)) found.push({ level: "warn", tag, what, since: since ? since(s, now) : null, todo });
  if (s.pause)
    found.push({ level: "note", what: "is paused" + describePause(s.pause, ""), since: s.pause.at_ms, todo: "Resume it in its view, or with scanhost ctl resume." });
  if (s.dry_run)
    found.push({ level: "note", what: "runs dry: nothing in the store is changed", since: null, todo: "Remove dry_run from the configuration to let it work." });
  return found;
}
function troublesOfHost(host) {
  const found = [], { store, configuration } = host, add = (level, what, since, todo) =>
    found.push({ level, what, since, todo, scanners: [] });
  if (host.not_ready) add("bad", "The host is not ready: " + host.not_ready, host.started_ms, advice.starting);
  if (["down", "impaired"].includes(store.state))
    add("bad", "The store " + store.url + " is " + store.state + (store.detail ? ": " + store.detail : ""), null, advice.store);
  if (!absent(configuration.refused_ms))
    add("bad", "The configuration was refused, and the former one is in force" + (configuration.reason ? ": " + configuration.reason : ""),
      configuration.refused_ms, "scanhost check-config FILE names each mistake; the host will not start again with this file.");
  if (configuration.needs_restart.length)
    add("warn", "The configuration has changes that only a restart of the host applies: " + configuration.needs_restart.join(", "), null,
      "Restart the host when it suits; all else in the file is in force.");
  return found;
}
const least = (a, b) => absent(a) ? b : absent(b) ? a : Math.min(a, b);
const most = (a, b) => absent(a) ? b : absent(b) ? a : Math.max(a, b);
function share(groups, trouble, name) {
  const key = trouble.level + trouble.what + trouble.todo, known = groups.get(key);
  if (!known) { groups.set(key, { ...trouble, scanners: [name] }); return; }
  known.scanners.push(name);
  known.since = least(known.since, trouble.since);
  known.last = most(known.last, trouble.last);
}
function troublesOf(status, now) {
  const groups = new Map();
  for (const scanner of status.scanners)
    for (const trouble of troublesOfScanner(scanner, now)) share(groups, trouble, scanner.name);
  const all = [...(status.host ? troublesOfHost(status.host) : []), ...groups.values()];
  for (const trouble of all) trouble.everywhere = trouble.scanners.length > 1 && trouble.scanners.length === status.scanners.length;
  return all.sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}
// By scanner: the worst level of its troubles, and their tags.
function judge(troubles) {
  const judged = new Map();
  for (const { level, tag, scanners } of troubles)
    for (const name of scanners) {
      if (!judged.has(name)) judged.set(name, { level, tags: [] });
      if (tag) judged.get(name).tags.push(tag);
    }
  return judged;
}
