// How the page writes numbers, times and states. Knows nothing of the document but how to make an element.
"use strict";
const absent = value => value === null || value === undefined;
const number = value => absent(value) ? "-" : value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
const counted = (count, noun) => number(count) + " " + noun + (count === 1 ? "" : "s");
function duration(ms) {
  if (absent(ms)) return "-";
  if (ms < 1000) return number(ms) + " ms";
  if (ms < 120000) return number(ms / 1000) + " s";
  if (ms < 7200000) return number(ms / 60000) + " min";
  return ms < 172800000 ? number(ms / 3600000) + " h" : number(ms / 86400000) + " d";
}
function size(bytes) {
  if (absent(bytes)) return "-";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return number(bytes) + " " + units[unit];
}
const whole = ms => Math.floor(ms / 1000) * 1000;
const ago = (at, now) => absent(at) ? "-" : duration(whole(Math.max(0, now - at))).replace(/^0 ms$/, "0 s") + " ago";
const ahead = (at, now) => absent(at) ? "-" : at - now < 1000 ? "now" : "in " + duration(whole(at - now));
const utc = ms => absent(ms) ? "-" : new Date(ms).toISOString().slice(0, 19) + "Z";
// The time alone if it was within the day.
const clock = (ms, now) => now - ms < 86400000 ? utc(ms).slice(11) : utc(ms);
const words = text => text.replaceAll("_", " ");
const build = sha256 => sha256 ? sha256.slice(0, 12) : "-";
// What follows "paused"; `when` is empty where another place has it.
function describePause(pause, when) {
  return (pause.by ? " by " + pause.by : "") + when +
    (absent(pause.until_ms) ? ", until somebody resumes it" : ", until " + utc(pause.until_ms)) +
    (pause.reason ? ": " + pause.reason : "");
}
function describeLimit(rate) {
  if (!rate) return "none";
  const ms = value => Number(value.toPrecision(3)) + " ms";
  const latency = absent(rate.latency_ms) ? "not measured" : ms(rate.latency_ms);
  return number(rate.commands_per_second) + " /s" +
    (absent(rate.target_latency_ms) ? "" : ", latency " + latency + " of " + ms(rate.target_latency_ms)) +
    (rate.waiting ? ", " + counted(rate.waiting, "command") + " waiting" : "");
}
function stateOf(scanner) {
  const fine = ["waiting", "cycling", "resting"].includes(scanner.state);
  const state = scanner.blocked ? "blocked" : scanner.paused && fine ? "paused" : words(scanner.state);
  return state + (scanner.paused && state !== "paused" ? ", paused" : "") +
    (!scanner.ready && fine && !scanner.blocked && scanner.cycles > 0 ? ", not ready" : "") +
    (scanner.dry_run ? ", DRY RUN" : "") + (scanner.probation ? ", on probation" : "") +
    scanner.tags.map(tag => ", " + tag).join("");
}
function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
// Nodes that say the same already are left alone, so that screen readers, selections and focus are.
function put(node, text) { if (node.textContent !== text) node.textContent = text; }
function paint(node, className) { if (node.className !== className) node.className = className; }
function show(node, shown) { if (node.hidden === shown) node.hidden = !shown; }
const byId = id => document.getElementById(id);
