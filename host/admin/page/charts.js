// The last hour of the open scanner, as the host keeps it: four charts with axes.
"use strict";
const shapes = "http://www.w3.org/2000/svg", hour = 3600000;
// The plot within the drawing; its axes' texts stand to the left and below.
const plot = { left: 50, right: 294, top: 8, bottom: 84, width: 300, height: 102 };
const perSecond = value => number(value) + " /s";
const charts = [
  { field: "processed_per_second", heading: "Processed", text: perSecond },
  { field: "lateness_p99_ms", heading: "Lateness p99", text: duration },
  { field: "backlog", heading: "Backlog", text: number },
  { field: "errors_per_second", heading: "Errors", text: perSecond },
];
const shownHour = { text: "" };
function shape(name, attributes, text) {
  const node = document.createElementNS(shapes, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
// The end of the axis: 1, 2 or 5 times a power of ten.
function endOfAxis(highest) {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map(step => step * power).find(end => end >= highest * 0.999999);
}
const known = values => values.filter(value => !absent(value));
// Neighbours that are known; where nothing is known the line has a gap.
function runs(values) {
  const found = [];
  let open = null;
  values.forEach((value, at) => {
    if (absent(value)) { open = null; return; }
    if (!open) found.push(open = []);
    open.push(at);
  });
  return found;
}
function axes(end, latest, text) {
  const parts = [];
  for (const share of [0, 0.5, 1]) {
    const y = plot.bottom - share * (plot.bottom - plot.top);
    parts.push(shape("line", { x1: plot.left, x2: plot.right, y1: y, y2: y }),
      shape("text", { x: plot.left - 5, y: y + 3, "text-anchor": "end" }, text(share * end)));
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const x = plot.left + share * (plot.right - plot.left), anchor = share === 1 ? "end" : share === 0 ? "start" : "middle";
    parts.push(shape("line", { x1: x, x2: x, y1: plot.bottom, y2: plot.bottom + 3 }),
      shape("text", { x, y: plot.bottom + 14, "text-anchor": anchor }, utc(latest - (1 - share) * hour).slice(11, 16)));
  }
  return parts;
}
function lines(values, moments, end) {
  const latest = moments.at(-1);
  const x = at => plot.right - (latest - moments[at]) / hour * (plot.right - plot.left);
  const y = at => plot.bottom - values[at] / end * (plot.bottom - plot.top);
  const place = at => x(at).toFixed(1) + "," + y(at).toFixed(1);
  return runs(values).flatMap(run => {
    if (run.length === 1) return [shape("circle", { cx: x(run[0]).toFixed(1), cy: y(run[0]).toFixed(1), r: 1.5 })];
    const points = run.map(place), bottom = at => x(at).toFixed(1) + "," + plot.bottom;
    return [shape("polygon", { points: [bottom(run[0]), ...points, bottom(run.at(-1))].join(" ") }),
      shape("polyline", { points: points.join(" ") })];
  });
}
function captionOf({ heading, text }, values) {
  const list = known(values);
  if (!list.length) return heading + ": nothing is known yet";
  return heading + ": " + (absent(values.at(-1)) ? "not known now" : text(values.at(-1))) + " (max " + text(Math.max(...list)) + ")";
}
function drawChart(figure, chart, values, moments) {
  const end = endOfAxis(Math.max(0, ...known(values))), caption = captionOf(chart, values);
  const svg = shape("svg", { viewBox: `0 0 ${plot.width} ${plot.height}`, role: "img", "aria-label": caption });
  svg.append(...axes(end, moments.at(-1), chart.text), ...lines(values, moments, end));
  figure.replaceChildren(element("figcaption", "", caption), svg);
}
function makeCharts() {
  for (const chart of charts) byId("charts").append(chart.figure = element("figure"));
}
function showHour({ at_ms: moments, scanners: [scanner] }) {
  const empty = !scanner || !moments.length;
  put(byId("charts-text"), empty ? "No points yet: the host adds one every 15 s."
    : "The last hour, a point every 15 s; times are UTC. The host keeps it in memory, so it begins with the host.");
  show(byId("charts"), !empty);
  if (!empty) for (const chart of charts) drawChart(chart.figure, chart, scanner[chart.field], moments);
}
function forgetHour() {
  shownHour.text = "";
  show(byId("charts"), false);
  put(byId("charts-text"), "Loading ...");
}
const refreshHour = () => refreshPart("history.json", shownHour, (name, document) => showHour(document),
  reason => put(byId("charts-text"), "It is not known: " + reason));
