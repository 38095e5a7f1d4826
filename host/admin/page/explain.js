// Where a failing item stands with its scanner, as the host explains it.
"use strict";
const explained = { item: null };
function explainButton(item) {
  const button = element("button", "item", item);
  button.type = "button";
  button.setAttribute("aria-label", "Explain " + item);
  button.title = "Explain where it stands";
  button.addEventListener("click", () => explain(item));
  return button;
}
function explanationOf({ acts, acts_at_ms: at, obstacles, findings, problem }) {
  return [acts ? "The scanner acts on it" + (absent(at) ? "." : " at " + utc(at) + ".") : "The scanner does not act on it at present.",
    ...obstacles.map(obstacle => "Kept back: " + obstacle + "."),
    ...findings.map(found => words(found.standing) + ": " + found.reason + (found.index ? " (" + found.index + ")" : "") + "."),
    ...(problem ? ["Problem: " + problem + "."] : [])];
}
function showExplanation(heading, lines) {
  const list = element("ul");
  for (const line of lines) list.append(element("li", "", line));
  byId("explained").replaceChildren(element("h4", "", heading), list);
  show(byId("explained"), true);
}
function forgetExplanation() {
  explained.item = null;
  byId("explained").replaceChildren();
  show(byId("explained"), false);
}
async function explain(item) {
  const { name } = view, asked = () => view.name === name && explained.item === item;
  explained.item = item;
  showExplanation(item, ["Asking the host ..."]);
  try {
    const response = await request("explain.json/" + encodeURIComponent(item) + "?scanner=" + encodeURIComponent(name),
      { cache: "no-store", signal: AbortSignal.timeout(20000) });
    const text = await response.text();
    if (!response.ok) throw new Error(text.trim());
    if (asked()) showExplanation(item, explanationOf(JSON.parse(text).scanners[0]));
  } catch (problem) {
    if (asked()) showExplanation(item, ["It is not known: " + problem.message]);
  }
}
