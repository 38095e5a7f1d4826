// Asks for /status.json every second and keeps the last two minutes of each rate for its charts. Texts go in as
// text nodes only: names and errors come from elsewhere. The buttons are there when the host says that the page may
// control it.
"use strict";
const kept = 120, history = new Map(), cards = new Map();
const byId = id => document.getElementById(id);
const number = value => value === null || value === undefined ? "-"
  : value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
function duration(ms) {
  if (ms === null || ms === undefined) return "-";
  if (ms < 1000) return number(ms) + " ms";
  if (ms < 120000) return number(ms / 1000) + " s";
  return ms < 7200000 ? number(ms / 60000) + " min" : number(ms / 3600000) + " h";
}
function size(bytes) {
  if (bytes === null || bytes === undefined) return "-";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return number(bytes) + " " + units[unit];
}
const ago = ms => ms === null || ms === undefined ? "-" : duration(Math.max(0, Date.now() - ms)) + " ago";
function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
const shapes = "http://www.w3.org/2000/svg";
function chart() {
  const svg = document.createElementNS(shapes, "svg");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.append(document.createElementNS(shapes, "polygon"), document.createElementNS(shapes, "polyline"));
  return svg;
}
function draw(svg, rates) {
  const highest = Math.max(1, ...rates), step = 100 / (kept - 1), first = 100 - (rates.length - 1) * step;
  const points = rates.map((rate, at) => (first + at * step).toFixed(2) + "," + (39 - 37 * rate / highest).toFixed(2));
  svg.lastChild.setAttribute("points", points.join(" "));
  svg.firstChild.setAttribute("points", [first.toFixed(2) + ",40", ...points, "100,40"].join(" "));
  svg.setAttribute("aria-label", "processed per second, at most " + number(highest));
}
const colours = { cycling: "good", waiting: "good", resting: "", functions_missing: "bad", starting: "warn", stopping: "warn", "backing_off": "bad", stuck: "bad" };
const fields = [
  ["rate", s => number(s.processed_per_second) + " /s"], ["cycles", s => number(s.cycles)],
  ["processed", s => number(s.totals.processed)], ["last cycle", s => duration(s.last_cycle && s.last_cycle.elapsed_ms)],
  ["errors", s => number(s.totals.errors)], ["interval", s => duration(s.interval_ms)],
  ["backlog", s => number(s.backlog)], ["overdue", s => duration(s.oldest_overdue_ms)],
  ["back-off", s => number(s.items_in_back_off)], ["generation", s => number(s.generation)],
  ["restarts", s => number(s.restarts)], ["partitions", s => number(s.partitions)],
  ["store", s => s.store.state],
  ["CPU", s => number(100 * s.cpu_usage) + " %"], ["memory", s => size(s.memory_bytes)],
];
const actions = [
  ["pause", s => !s.paused], ["resume", s => s.paused], ["run-now", s => !s.paused], ["reload", () => true],
  ["rollback", s => s.generation > 1],
];
function make(name) {
  const card = { root: element("article"), title: element("span", "", name), state: element("span", "state"),
    about: element("div", "about"), chart: chart(), values: [], error: element("p", "error"),
    pause: element("p", "change"), change: element("p", "change"), actions: element("div", "actions"), buttons: [], note: element("p", "note") };
  const heading = element("h2"), list = element("dl");
  heading.append(card.title, card.state);
  for (const [label] of fields) {
    const value = element("dd");
    list.append(element("dt", "", label), value);
    card.values.push(value);
  }
  for (const [command] of actions) {
    const button = element("button", "", command.replace("-", " "));
    button.type = "button";
    button.addEventListener("click", () => act(card, name, command));
    card.actions.append(button);
    card.buttons.push(button);
  }
  card.note.hidden = true;
  card.note.setAttribute("role", "status");
  card.root.append(heading, card.about, card.chart, list, card.pause, card.change, card.error, card.actions, card.note);
  byId("scanners").append(card.root);
  return card;
}
function say(card, text, good) {
  card.note.textContent = text;
  card.note.className = "note " + (good ? "good" : "bad");
  card.note.hidden = !text;
}
// Null: the operator does not want to pause it after all.
function askForReason(name) {
  const reason = prompt("Why is " + name + " to be paused? Everybody who sees the status can read it.");
  return reason === null ? null : reason.trim() ? "?reason=" + encodeURIComponent(reason.trim()) : "";
}
async function act(card, name, command) {
  if (command === "rollback" && !confirm("Roll " + name + " back to its previous build?")) return;
  const query = command === "pause" ? askForReason(name) : "";
  if (query === null) return;
  for (const button of card.buttons) button.disabled = true;
  say(card, "", true);
  try {
    const response = await fetch("/control/" + command + "/" + name + query, { method: "POST", headers: { "X-Scanhost": "1" } });
    const json = (response.headers.get("Content-Type") || "").startsWith("application/json");
    say(card, json ? (await response.json()).message : await response.text(), response.ok);
  } catch (problem) {
    say(card, "No answer from the host: " + problem.message, false);
  }
  for (const button of card.buttons) button.disabled = false;
}
function describe(change) {
  return "generation " + change.generation + " " + change.outcome.replace("_", " ") + " " + ago(change.at_ms) +
    (change.reason ? ": " + change.reason : "");
}
const utc = ms => new Date(ms).toISOString().slice(0, 19) + "Z";
function describePause(pause) {
  return "paused" + (pause.by ? " by " + pause.by : "") + " " + ago(pause.at_ms) +
    (pause.until_ms === null ? "" : ", until " + utc(pause.until_ms)) + (pause.reason ? ": " + pause.reason : "");
}
function buildOf(scanner) {
  return scanner.plugin + " " + scanner.plugin_version + (scanner.sha256 ? ", build " + scanner.sha256.slice(0, 12) : "") +
    (scanner.since_ms === null ? "" : ", for " + duration(Math.max(0, Date.now() - scanner.since_ms)));
}
function stateOf(scanner) {
  return (scanner.dry_run ? "DRY RUN, " : "") + scanner.state.replace("_", " ") + (scanner.paused ? ", paused" : "") + (scanner.probation ? ", on probation" : "") +
    (scanner.memory_growth ? ", memory grows" : "");
}
function show(scanner, control) {
  if (!cards.has(scanner.name)) { cards.set(scanner.name, make(scanner.name)); history.set(scanner.name, []); }
  const card = cards.get(scanner.name), rates = history.get(scanner.name);
  rates.push(scanner.processed_per_second);
  if (rates.length > kept) rates.shift();
  const special = scanner.dry_run || scanner.paused || scanner.probation || scanner.memory_growth, colour = colours[scanner.state] || "";
  card.state.textContent = stateOf(scanner);
  card.state.className = "state " + (special && colour === "good" ? "warn" : colour);
  card.about.textContent = buildOf(scanner);
  card.about.title = "sha256 " + scanner.sha256;
  fields.forEach(([, text], at) => { card.values[at].textContent = text(scanner); });
  card.error.textContent = scanner.waits_for ? "waits for " + scanner.waits_for : scanner.not_ready ? scanner.name + " " + scanner.not_ready : scanner.store.last_error || scanner.last_error;
  card.error.hidden = !card.error.textContent;
  card.pause.textContent = scanner.pause ? describePause(scanner.pause) : "";
  card.pause.hidden = !scanner.pause;
  const change = scanner.history[scanner.history.length - 1];
  card.change.textContent = change ? describe(change) : "";
  card.change.hidden = !change;
  card.actions.hidden = !control;
  actions.forEach(([, shown], at) => { card.buttons[at].hidden = !shown(scanner); });
  draw(card.chart, rates);
}
function forget(names) {
  for (const [name, card] of cards)
    if (!names.has(name)) { card.root.remove(); cards.delete(name); history.delete(name); }
}
function summarise(scanners, process) {
  const sum = of => scanners.reduce((total, scanner) => total + of(scanner), 0);
  byId("summary").textContent = scanners.length + (scanners.length === 1 ? " scanner, " : " scanners, ") +
    number(sum(s => s.processed_per_second)) + " items/s, " + number(sum(s => s.totals.processed)) + " processed, " +
    number(sum(s => s.totals.errors)) + " errors" +
    (process ? ", " + size(process.resident_memory_bytes) + " of memory" : "");
}
async function refresh() {
  const trouble = byId("trouble");
  try {
    const response = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error("the host answered " + response.status);
    const { scanners, control, process } = await response.json();
    forget(new Set(scanners.map(scanner => scanner.name)));
    for (const scanner of scanners) show(scanner, control);
    summarise(scanners, process);
    trouble.hidden = true;
  } catch (problem) {
    trouble.textContent = "The host does not answer: " + problem.message + ". The page shows its last status.";
    trouble.hidden = false;
  }
  setTimeout(refresh, 1000);
}
refresh();
