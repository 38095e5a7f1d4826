// Asks for the status every second and shows it in the nodes that are there. Texts go in as text nodes only: names and
// errors come from elsewhere. Addresses are relative, so that a proxy may put the page below a path of its own.
"use strict";
let latest = null;  // the status as it came last, and when that was by the clock of this browser
const sinceLatest = () => performance.now() - latest.at;
function scannerInAddress() {
  const prefix = "#/scanner/";
  if (!location.hash.startsWith(prefix)) return null;
  try { return decodeURIComponent(location.hash.slice(prefix.length)); } catch { return null; }
}
function showStatus() {
  const { status } = latest, shown = status.host ? status.host.now_ms : Date.now();
  const all = troublesOf(status, shown), judged = judge(all);
  const scanners = status.scanners.map(scanner => ({ ...scanner, level: "good", tags: [], ...judged.get(scanner.name) }));
  const count = showTroubles(view.name === null ? all : all.filter(t => !t.scanners.length || t.scanners.includes(view.name)), shown);
  document.title = (count === "No trouble" ? "" : count + " - ") + (view.name === null ? "" : view.name + " - ") + "scanhost " + location.host;
  showBanner(status, shown);
  showTable(scanners, shown);
  showView(scanners, status.host ? status.host.blocked_builds : [], status.control, shown);
}
function followAddress() {
  const before = view.name, name = scannerInAddress();
  show(byId("overview"), name === null);
  show(byId("view"), name !== null);
  if (name === null) view.name = null;
  else openView(name);
  if (latest) showStatus();
  scrollTo(0, 0);
  if (name !== null) byId("view-name").focus({ preventScroll: true });
  else if (rows.has(before)) rows.get(before).root.querySelector("a").focus();
}
function showLocked() {
  put(byId("no-answer"), withoutToken);
  show(byId("no-answer"), true);
  if (!latest) put(byId("trouble-count"), "Nothing is known without it");
  showSession(true);
  document.title = "TOKEN NEEDED - scanhost " + location.host;
}
async function refresh() {
  const problemLine = byId("no-answer");
  try {
    const response = await request("status.json", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (response.status === 401) return showLocked();
    if (!response.ok) throw new Error("it answered " + response.status);
    const status = await response.json();
    latest = { status, at: performance.now() };
    showStatus();
    showSession(status.needs_token);
    show(problemLine, false);
  } catch (problem) {
    put(problemLine, "The host does not answer: " + problem.message + "." +
      (latest ? " What you see is its status of " + duration(whole(sinceLatest())) + " ago." : ""));
    show(problemLine, true);
    document.title = "NO ANSWER - scanhost " + location.host;
  } finally {
    setTimeout(refresh, 1000);
  }
}
put(byId("address"), location.host);
makeSession();
makeColumns();
makeFacts();
makeButtons();
makeDialog();
makeCharts();
addEventListener("hashchange", followAddress);
setInterval(refreshFailures, 5000);
setInterval(refreshHour, 5000);
followAddress();
refresh();
refreshPeers();
