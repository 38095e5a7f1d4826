// The view of one scanner: buttons, facts, failing items, builds; its charts have a file of their own.
"use strict";
const view = { name: null, facts: [], changes: "", blocked: "", busy: false }, shownFailures = { text: "" };
const facts = {
  "Work": [
    ["rate", s => number(s.processed_per_second) + " /s"], ["oldest overdue", s => duration(s.oldest_overdue_ms)],
    ["lateness p99", s => duration(s.lateness_p99_ms)],
    ["backlog", s => number(s.backlog) + (s.backlog_clears_in_ms ? ", gone in about " + duration(s.backlog_clears_in_ms) : "")], ["items in back-off", s => number(s.items_in_back_off)],
    ["last cycle ended", (s, now) => ago(s.last_cycle_at_ms, now)], ["last cycle took", s => duration(s.last_cycle && s.last_cycle.elapsed_ms)],
    ["next cycle", (s, now) => ahead(s.next_cycle_ms, now)], ["limit", s => describeLimit(s.rate_limit)],
  ],
  "Since the host started": [
    ["cycles", s => number(s.cycles)], ["processed", s => number(s.totals.processed)], ["unchanged", s => number(s.totals.unchanged)],
    ["skipped", s => number(s.totals.skipped)], ["errors", s => number(s.totals.errors)],
    ["beyond its allowance", s => number(s.totals.beyond_allowance)], ["restarts", s => number(s.restarts)],
    ["held back by a dry run", s => number(s.held_back)], ["not permitted", s => number(s.refused)],
  ],
  "Build": [
    ["plugin", s => s.plugin + " " + s.plugin_version], ["SHA-256", s => build(s.sha256), s => s.sha256],
    ["generation", s => number(s.generation) + (s.probation ? ", on probation" : "")],
    ["runs for", (s, now) => absent(s.since_ms) ? "-" : duration(whole(Math.max(0, now - s.since_ms)))],
    ["generations stuck", s => number(s.stuck_generations)], ["builds still mapped", s => number(s.pinned_builds)],
    ["last error", s => s.last_error || "none"],
  ],
  "Options": [
    ["interval", s => duration(s.interval_ms)], ["partitions", s => number(s.partitions) + (s.family ? " (" + s.family + ")" : "")],
    ["dry run", s => s.dry_run ? "yes" : "no"], ["log level", s => s.log_level || "as the host"],
    ["paused", (s, now) => s.pause ? "yes" + describePause(s.pause, " " + ago(s.pause.at_ms, now)) : "no"],
  ],
  "Cost": [
    ["CPU now", s => number(100 * s.cpu_usage) + " %"], ["CPU time", s => duration(1000 * s.cpu_seconds)], ["memory", s => size(s.memory_bytes)],
    ["memory growth", s => s.memory_growth ? size(s.memory_growth.bytes) + " in " + counted(s.memory_growth.cycles, "cycle") : "none"],
  ],
  "Connection to the store": [
    ["state", s => s.store.state], ["server", s => s.store.endpoint || "-"], ["reconnects", s => number(s.store.reconnects)],
    ["commands in flight", s => number(s.store.in_flight)], ["unreachable", s => s.store.unreachable.join(", ") || "nothing"],
    ["errors of the store", s => number(s.store_errors)],
    ["last error", s => s.store.last_error || "none"],
  ],
};
function makeFacts() {
  for (const [heading, fields] of Object.entries(facts)) {
    const section = element("section"), list = element("dl");
    for (const [label, text, title] of fields) {
      const value = element("dd");
      list.append(element("dt", "", label), value);
      view.facts.push({ value, text, title });
    }
    section.append(element("h3", "", heading), list);
    byId("facts").append(section);
  }
}
const actions = [
  ["pause", s => !s.paused], ["resume", s => s.paused], ["run-now", s => !s.paused], ["reload", () => true],
  ["rollback", s => s.generation > 1],
];
const buttonWords = { "pause": "Pause ...", "resume": "Resume", "run-now": "Run now", "reload": "Reload", "rollback": "Roll back ...",
  "retry": "Retry", "release": "Release" };
const questions = { "rollback": name => "Roll " + name + " back to its previous build?" };
// `label`: of a command that has several buttons, what tells this one from the others.
function makeButton(command, target, question, label, text = buttonWords[command]) {
  const button = element("button", "", text);
  button.type = "button";
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("click", () => act(command, target(), question()));
  return button;
}
function makeButtons() {
  for (const [command] of actions) {
    byId("actions").append(makeButton(command, () => [view.name], () => questions[command]?.(view.name)));
  }
  byId("retry-all").append(makeButton("retry", () => [view.name], () => null, "Retry all", "Retry all"));
}
function showButtons(scanner, control) {
  show(byId("actions"), control);
  const focused = document.activeElement;
  actions.forEach(([, shown], at) => show(byId("actions").children[at], shown(scanner)));
  // The button that had the focus went away: that which replaces it gets it.
  if (focused.hidden && focused.parentNode === byId("actions")) byId("actions").querySelector("button:not([hidden])").focus();
}
function say(text, good) {
  put(byId("note"), text);
  paint(byId("note"), good ? "good" : "bad");
}
// Null: the operator does not want to pause it after all.
function askAboutPause(name) {
  const dialog = byId("pause");
  put(byId("pause-heading"), "Pause " + name);
  byId("pause-form").reset();
  dialog.returnValue = "";
  dialog.showModal();
  byId("pause-reason").focus();
  return new Promise(resolve => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "pause" ? pauseQuery() : null), { once: true });
  });
}
function pauseQuery() {
  const options = [["for", byId("pause-time").value.trim()], ["reason", byId("pause-reason").value.trim()]];
  const given = options.filter(([, value]) => value).map(([key, value]) => key + "=" + encodeURIComponent(value));
  return given.length ? "?" + given.join("&") : "";
}
function makeDialog() {
  byId("pause-form").addEventListener("submit", event => { event.preventDefault(); byId("pause").close("pause"); });
  byId("pause-cancel").addEventListener("click", () => byId("pause").close(""));
}
async function answerTo(path) {
  const response = await request("control/" + path, { method: "POST", headers: { "X-Scanhost": "1" } });
  const json = (response.headers.get("Content-Type") || "").startsWith("application/json");
  return { text: json ? (await response.json()).message : await response.text(), good: response.ok };
}
// `target`: what follows the command in the path; `question`: asked before, if there is one.
async function act(command, target, question) {
  const { name } = view;
  if (view.busy) return;
  if (question && !confirm(question)) return;
  const query = command === "pause" ? await askAboutPause(name) : "";
  if (query === null) return;
  setBusy(true);
  say("Asking the host ...", true);
  try {
    const { text, good } = await answerTo([command, ...target].join("/") + query);
    if (view.name === name) say(text, good);
  } catch (problem) {
    if (view.name === name) say("The host does not answer: " + problem.message, false);
  }
  setBusy(false);
}
// Not `disabled`, which would take the focus from the button.
function setBusy(busy) {
  view.busy = busy;
  for (const button of byId("view-body").querySelectorAll("button")) button.setAttribute("aria-disabled", String(busy));
}
// `columns`: label and class of each; a line has as many texts or nodes.
function tableOf(columns, lines) {
  const table = element("table"), head = element("tr"), body = element("tbody"), top = element("thead");
  for (const [label, className] of columns) {
    const cell = element("th", className, label);
    cell.scope = "col";
    head.append(cell);
  }
  for (const line of lines) {
    const row = element("tr");
    line.forEach((content, at) => { const cell = element("td", columns[at][1]); cell.append(content); row.append(cell); });
    body.append(row);
  }
  top.append(head);
  table.append(top, body);
  return table;
}
// Where a button had the focus, that with the same label gets it.
function replaceContent(parent, ...nodes) {
  const focused = document.activeElement, label = focused.getAttribute("aria-label"), had = focused !== parent && parent.contains(focused);
  parent.replaceChildren(...nodes);
  if (!had) return;
  const same = [...parent.querySelectorAll("button")].find(button => button.getAttribute("aria-label") === label);
  (same || byId("view-name")).focus({ preventScroll: true });
}
const changeColumns = [["When", "words"], ["Outcome", "words"], ["Generation", ""], ["Version", "words"], ["Build", "words"],
  ["Reason", "words long"]];
function showChanges(scanner) {
  const text = scanner.name + JSON.stringify(scanner.history);
  if (text === view.changes) return;
  view.changes = text;
  const lines = [...scanner.history].reverse().map(change => [utc(change.at_ms), words(change.outcome), number(change.generation),
    change.version || "-", build(change.sha256), change.reason || "-"]);
  byId("changes").replaceChildren(tableOf(changeColumns, lines));
}
function blockedLine({ sha256, plugin, reason, since_ms: since }) {
  const line = element("li", "", "Build " + build(sha256) + " is blocked since " + utc(since) + ": " + reason + " ");
  const button = makeButton("release", () => [sha256], () => "Release the build " + build(sha256) + " of " + plugin +
    "? If its file is still there, it runs again at once.", "Release build " + build(sha256));
  button.classList.add("act");
  line.append(button);
  return line;
}
function showBlocked(scanner, builds) {
  const own = builds.filter(({ plugin }) => plugin === scanner.plugin), text = JSON.stringify(own);
  if (text === view.blocked) return;
  view.blocked = text;
  replaceContent(byId("blocked"), ...own.map(blockedLine));
}
function failingText(name, list, leftOut) {
  if (!list.length) return "None.";
  return "Press an item to see where it stands. " + (leftOut ? number(leftOut) + " more are not listed. " : "") +
    "An item that is retried leaves its back-off, and the next cycle starts at once. By hand: scanhost ctl retry " + name +
    ", and an item as it is written here.";
}
const failureColumns = [["Item", "words"], ["Actions", "words act"], ["Last message", "words long"], ["Times", ""], ["Next try", "words"],
  ["Latest", "words"], ["Since", "words"], ["Partition", "words"], ["Back-off", "words"]];
function failureLine(f) {
  const now = Date.now();
  const retry = makeButton("retry", () => [view.name, encodeURIComponent(f.item)], () => null, "Retry " + f.item);
  return [explainButton(f.item), retry, f.last_message, number(f.times), absent(f.next_try_ms) ? "-" : clock(f.next_try_ms, now), clock(f.latest_ms, now),
    clock(f.since_ms, now), f.partition || "-", f.in_back_off ? "yes" : "no"];
}
function showFailures(name, { failures, left_out: leftOut }) {
  replaceContent(byId("failing"), tableOf(failureColumns, failures.map(failureLine)));
  setBusy(view.busy);
  show(byId("failing"), failures.length > 0);
  show(byId("retry-all"), failures.length > 0);
  put(byId("failing-text"), failingText(name, failures, leftOut));
}
// What has an address of its own is asked for only while the view is open; `shown.text` is what came last.
async function refreshPart(path, shown, draw, fail) {
  const { name } = view;
  if (name === null) return;
  try {
    const response = await request(path + "/" + encodeURIComponent(name), { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    if (view.name !== name || text === shown.text) return;
    if (!response.ok) throw new Error(text.trim());
    draw(name, JSON.parse(text));
    shown.text = text;
  } catch (problem) {
    if (view.name === name && !shown.text) fail(problem.message);
  }
}
const refreshFailures = () => refreshPart("failures.json", shownFailures, showFailures,
  reason => put(byId("failing-text"), "They are not known: " + reason));
function showView(scanners, builds, control, now) {
  if (view.name === null) return;
  const scanner = scanners.find(candidate => candidate.name === view.name);
  show(byId("view-missing"), !scanner);
  show(byId("view-body"), Boolean(scanner));
  put(byId("view-state"), scanner ? stateOf(scanner) : "");
  if (!scanner) return;
  paint(byId("view-state"), "state " + scanner.level);
  for (const { value, text, title } of view.facts) {
    put(value, text(scanner, now));
    if (title) value.title = title(scanner);
  }
  showButtons(scanner, control);
  byId("view").classList.toggle("controls", control);
  showChanges(scanner);
  showBlocked(scanner, builds);
}
function openView(name) {
  Object.assign(view, { name, changes: "", blocked: "" });
  shownFailures.text = "";
  put(byId("view-name"), name);
  byId("failing").replaceChildren();
  show(byId("failing"), false);
  show(byId("retry-all"), false);
  forgetExplanation();
  put(byId("failing-text"), "Loading ...");
  forgetHour();
  say("", true);
  refreshFailures();
  refreshHour();
}
