// The other hosts that admin.peers names, as this host last heard from them.
"use strict";
const peerColumns = [["Host", "words"], ["State", "words long"], ["Scanners", "words"], ["Overdue", ""], ["Errors", ""],
  ["Store", "words"], ["Version", "words"], ["Heard", "words"]];
const shownPeers = { text: "" };
function peerState({ status, problem }) {
  if (!status) return { level: problem ? "bad" : "note", text: problem ? "no answer: " + problem : "asked for the first time" };
  const troubles = troublesOf(status, status.host.now_ms), worst = troubles.find(trouble => trouble.level !== "note");
  const text = countLine(troubles) + (worst ? ": " + worst.scanners.slice(0, 3).join(", ") + (worst.scanners.length > 3 ? " ..." : "") +
    (worst.scanners.length ? " " : "") + worst.what : "");
  return problem ? { level: "bad", text: "no answer now: " + problem + "; before: " + text } : { level: worst ? worst.level : "good", text };
}
// A host of another release may lack what is read here.
function peerFacts({ status, at_ms: at }, now) {
  if (!status) return ["-", "-", "-", "-", "-", "-"];
  const { host, scanners } = status, sum = scanners.reduce((total, scanner) => total + scanner.totals.errors, 0);
  return [scanners.length + ", " + scanners.filter(scanner => scanner.ready).length + " ready",
    duration(scanners.reduce((oldest, scanner) => most(oldest, scanner.oldest_overdue_ms), null)), number(sum),
    host.store.state, host.version, ago(at, now)];
}
function peerLine(peer, now) {
  const link = element("a", "", peer.address), state = element("span", "state");
  link.href = "http://" + peer.address + "/";
  try {
    const { level, text } = peerState(peer), facts = peerFacts(peer, now);
    paint(state, "state " + level);
    put(state, text);
    return [link, state, ...facts];
  } catch {
    put(state, "its status is not of this release");
    return [link, state, "-", "-", "-", "-", "-", "-"];
  }
}
function showPeers({ peers }, now) {
  show(byId("peers"), peers.length > 0);
  const focused = document.activeElement, held = focused.closest("#peers a");
  byId("peer-list").replaceChildren(tableOf(peerColumns, peers.map(peer => peerLine(peer, now))));
  if (held) [...byId("peer-list").querySelectorAll("a")].find(link => link.textContent === held.textContent)?.focus({ preventScroll: true });
}
// Asked for in the overview alone, and no more where there are none.
async function refreshPeers() {
  let wait = 2000;
  try {
    if (view.name === null && latest && !document.hidden) {
      const response = await request("peers.json", { cache: "no-store", signal: AbortSignal.timeout(5000) });
      const text = await response.text();
      if (response.ok && text !== shownPeers.text) showPeers(JSON.parse(text), latest.status.host.now_ms + sinceLatest());
      if (response.ok) shownPeers.text = text;
      if (response.ok && !JSON.parse(text).peers.length) return;
    }
  } catch {
    wait = 5000;  // that this host does not answer is said above
  }
  setTimeout(refreshPeers, wait);
}
