// Troubles, banner and table. Rows stay the same nodes while their scanners exist.
"use strict";
const linkTo = name => "#/scanner/" + encodeURIComponent(name);
const levelWords = { bad: "Trouble", warn: "Look at it", note: "Note" };
function makeTrouble() {
  const item = { root: element("li"), level: element("span"), links: element("span"), what: element("span"), todo: element("span", "todo"), names: "" };
  item.root.append(item.level, item.links, item.what, item.todo);
  return item;
}
function nameLinks(names) {
  return names.flatMap((name, at) => {
    const link = element("a", "", name);
    link.href = linkTo(name);
    return at ? [document.createTextNode(", "), link] : [link];
  });
}
function timeOf(trouble, now) {
  if (!absent(trouble.since)) return " (since " + clock(trouble.since, now) + ", " + duration(whole(Math.max(0, now - trouble.since))) + ")";
  return absent(trouble.last) ? "" : " (the last cycle ended " + ago(trouble.last, now) + ")";
}
function fillTrouble(item, trouble, now) {
  paint(item.level, "level " + trouble.level);
  put(item.level, levelWords[trouble.level]);
  const linked = trouble.everywhere ? [] : trouble.scanners, names = linked.join(" ");
  if (item.names !== names) { item.links.replaceChildren(...nameLinks(linked)); item.names = names; }
  put(item.what, (trouble.everywhere ? "All " + trouble.scanners.length + " scanners" : "") + (trouble.scanners.length > 1 ? ": each " : trouble.scanners.length ? " " : "") + trouble.what + timeOf(trouble, now));
  put(item.todo, trouble.todo);
}
const troubleItems = new Map();
const keyOf = trouble => [trouble.level, trouble.todo, trouble.what].join("\n");
function countLine(troubles) {
  const counts = levels.map(level => troubles.filter(trouble => trouble.level === level).length);
  if (counts[0] + counts[1] === 0) return "No trouble";
  return [counts[0] ? counted(counts[0], "trouble") : "", counts[1] ? counts[1] + " to look at" : ""].filter(Boolean).join(", ");
}
// Puts nodes in this order and moves only those that are elsewhere; a moved node keeps the focus.
function arrange(parent, nodes) {
  const focused = document.activeElement;
  nodes.forEach((node, at) => { if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] || null); });
  while (parent.children.length > nodes.length) parent.lastChild.remove();
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}
function showTroubles(troubles, now) {
  const list = troubles.map(trouble => {
    const key = keyOf(trouble);
    if (!troubleItems.has(key)) troubleItems.set(key, makeTrouble());
    fillTrouble(troubleItems.get(key), trouble, now);
    return key;
  });
  for (const key of troubleItems.keys()) if (!list.includes(key)) troubleItems.delete(key);
  arrange(byId("trouble-list"), list.map(key => troubleItems.get(key).root));
  const count = countLine(troubles), worst = troubles.length ? troubles[0].level : "good";
  put(byId("trouble-count"), count);
  paint(byId("troubles"), worst);
  return count;
}
const configurationText = (configuration, now) => (absent(configuration.refused_ms)
  ? "accepted " + ago(configuration.accepted_ms, now) : "REFUSED " + ago(configuration.refused_ms, now)) +
  (configuration.needs_restart.length ? ", needs a restart" : "");
const configurationLevel = configuration => !absent(configuration.refused_ms) ? "bad" : configuration.needs_restart.length ? "warn" : "";
const bannerFields = [
  ["version", ({ host }) => host.version],
  ["store", ({ host }) => host.store.url + ", " + host.store.state, ({ host }) => host.store.state === "up" ? "good" : host.store.state === "connecting" ? "warn" : "bad"],
  ["configuration", ({ host }, now) => configurationText(host.configuration, now), ({ host }) => configurationLevel(host.configuration)],
  ["up for", ({ host }, now) => duration(whole(now - host.started_ms))],
  ["memory", ({ process }) => size(process && process.resident_memory_bytes)],
];
function makeBanner(banner) {
  for (const [label] of bannerFields) {
    const pair = element("div");
    pair.append(element("dt", "", label), element("dd"));
    banner.append(pair);
  }
}
function showBanner(status, now) {
  const banner = byId("banner");
  if (!banner.children.length) makeBanner(banner);
  show(banner, Boolean(status.host));
  if (!status.host) return;
  bannerFields.forEach(([, text, level], at) => {
    const value = banner.children[at].lastChild;
    put(value, text(status, now));
    paint(value, level ? level(status) : "");
  });
}
// Label, what a cell says, what the table is sorted by, what it means; the state is painted, and words stand to the left.
const rank = scanner => [...levels, "good"].indexOf(scanner.level);
const columns = [
  { label: "Scanner", text: s => s.name, by: s => s.name, isText: true, title: "its view: failing items, builds, buttons" },
  { label: "State", text: stateOf, by: rank, isText: true, title: "what it does; sorted by how bad that is" },
  { label: "Overdue", text: s => duration(s.oldest_overdue_ms), by: s => s.oldest_overdue_ms, title: "how long the oldest item has been due" },
  { label: "Late p99", text: s => duration(s.lateness_p99_ms), by: s => s.lateness_p99_ms, title: "how late 99 of 100 items were acted on at most, the highest of the last two minutes" },
  { label: "Back-off", text: s => number(s.items_in_back_off), by: s => s.items_in_back_off, title: "items that failed often and rest" },
  { label: "Errors", text: s => number(s.totals.errors), by: s => s.totals.errors, title: "items that failed, since the host started" },
  { label: "Rate", text: s => number(s.processed_per_second) + " /s", by: s => s.processed_per_second, title: "items processed a second, over about 10 s" },
  { label: "Backlog", text: s => number(s.backlog), by: s => s.backlog, title: "items that are due and wait" },
  { label: "Cycle took", text: s => duration(s.last_cycle && s.last_cycle.elapsed_ms), by: s => s.last_cycle && s.last_cycle.elapsed_ms, title: "how long the last cycle took" },
  { label: "Last cycle", text: (s, now) => ago(s.last_cycle_at_ms, now), by: s => s.last_cycle_at_ms, title: "when the last cycle ended" },
  { label: "Next cycle", text: (s, now) => ahead(s.next_cycle_ms, now), by: s => s.next_cycle_ms, title: "when the next cycle is to begin" },
];
const sorting = { column: 1, descending: false }, rows = new Map();
function markSorting() {
  columns.forEach((column, at) => {
    const cell = byId("columns").children[at];
    if (at === sorting.column) cell.setAttribute("aria-sort", sorting.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
}
function sortBy(at) {
  sorting.descending = at === sorting.column ? !sorting.descending : !columns[at].isText;
  sorting.column = at;
  markSorting();
  sortRows();
}
function makeColumns() {
  columns.forEach((column, at) => {
    const cell = element("th", column.isText ? "words" : ""), button = element("button", "", column.label);
    cell.scope = "col";
    button.type = "button";
    button.title = column.title;
    button.addEventListener("click", () => sortBy(at));
    cell.append(button);
    byId("columns").append(cell);
  });
  markSorting();
}
// On a phone a long name is broken behind an underscore, not within a word.
const breakable = name => name.split(/(?<=_)/).flatMap((part, at) => at ? [element("wbr"), part] : [part]);
function makeRow(name) {
  const row = { root: element("tr"), cells: [], scanner: null }, head = element("th", "words"), link = element("a");
  link.append(...breakable(name));
  link.href = linkTo(name);
  head.scope = "row";
  head.append(link);
  row.root.append(head);
  for (const column of columns.slice(1)) {
    const cell = element("td", column.isText ? "words" : "");
    const inside = column.isText ? element("span", "state") : cell;
    if (inside !== cell) cell.append(inside);
    row.cells.push(inside);
    row.root.append(cell);
  }
  return row;
}
// What is not known stands at the end in both directions; equal ones stand by name.
function compare(a, b) {
  const { by } = columns[sorting.column], left = by(a), right = by(b);
  if (absent(left) !== absent(right)) return absent(left) ? 1 : -1;
  const order = left < right ? -1 : left > right ? 1 : 0;
  return (sorting.descending ? -order : order) || (a.name < b.name ? -1 : 1);
}
function sortRows() {
  const sorted = [...rows.values()].sort((a, b) => compare(a.scanner, b.scanner));
  arrange(byId("scanners"), sorted.map(row => row.root));
}
function fillRow(scanner, now) {
  if (!rows.has(scanner.name)) rows.set(scanner.name, makeRow(scanner.name));
  const row = rows.get(scanner.name);
  row.scanner = scanner;
  row.cells.forEach((cell, at) => put(cell, columns[at + 1].text(scanner, now)));
  paint(row.cells[0], "state " + scanner.level);
}
function summarise(scanners) {
  const sum = of => scanners.reduce((total, scanner) => total + of(scanner), 0);
  put(byId("summary"), counted(scanners.length, "scanner") + ", " + scanners.filter(s => s.ready).length + " ready; " +
    number(sum(s => s.processed_per_second)) + " items/s, " + number(sum(s => s.totals.processed)) + " processed, " +
    number(sum(s => s.totals.errors)) + " errors since the start");
}
function showTable(scanners, now) {
  const names = new Set(scanners.map(scanner => scanner.name));
  let changed = false;
  for (const name of rows.keys()) if (!names.has(name)) { rows.delete(name); changed = true; }
  changed ||= scanners.some(scanner => !rows.has(scanner.name));
  for (const scanner of scanners) fillRow(scanner, now);
  // Rows do not move away under the pointer or the focus.
  if (changed || !byId("scanners").matches(":hover, :focus-within")) sortRows();
  summarise(scanners);
}
