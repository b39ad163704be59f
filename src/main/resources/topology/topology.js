"use strict";
// Draws topology.json. Every text goes in as a text node or an attribute's value, never as HTML.

const EVERY_MILLIS = 5000;
const STATES = ["failing", "working", "unknown", "ok"];
const STATE_OF_RELAY = {
  ACKNOWLEDGED: "ok", STALE: "working", PENDING: "working", ERROR: "failing", TOO_OLD: "failing", UNREACHABLE: "unknown",
};

let overview = null;
let detail = null;
let state = ""; // the state to which the list is restricted
let timer = 0;
let round = 0;

const byId = id => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function short(text, most) {
  return text.length <= most ? text : text.slice(0, most - 1) + "…";
}

/** The chosen Ambassador, which the address keeps: #namespace/name. */
function chosen() {
  const [namespace, name] = location.hash.slice(1).split("/").map(part => {
    try { return decodeURIComponent(part); } catch { return ""; }
  });
  return namespace && name ? {namespace, name} : null;
}

async function load(path) {
  const answer = await fetch(path, {cache: "no-store"});
  if (!answer.ok && answer.status !== 404) throw new Error("status " + answer.status);
  return answer.ok ? answer.json() : null;
}

async function refresh() {
  clearTimeout(timer);
  const now = ++round;
  const which = chosen();
  try {
    const all = await load("topology.json");
    const one = which && await load("topology.json?namespace=" + encodeURIComponent(which.namespace)
      + "&name=" + encodeURIComponent(which.name));
    if (now !== round) return; // a later one is on its way
    overview = all;
    detail = one;
    notice(overview.leads ? "" : "This operator stands by. The other one knows the relays: forward the port of its pod.");
    draw();
  } catch (failure) {
    if (now === round) notice("The operator does not answer (" + failure.message + "). What you see is old.");
  }
  if (now === round) timer = setTimeout(refresh, EVERY_MILLIS);
}

function notice(sentence) {
  byId("notice").textContent = sentence;
  byId("notice").hidden = !sentence;
}

function draw() {
  byId("version").textContent = overview.version;
  drawStates();
  drawList();
  drawDetail();
  drawTimeline();
}

function drawStates() {
  if (byId("states").children.length === 0) {
    for (const word of STATES) {
      const button = element("button", {type: "button", class: word, "data-state": word});
      button.addEventListener("click", () => {
        state = state === word ? "" : word;
        draw();
      });
      byId("states").append(button);
    }
  }
  for (const button of byId("states").children) {
    const word = button.dataset.state;
    button.textContent = overview.counts[word] + " " + word;
    button.setAttribute("aria-pressed", String(state === word));
  }
}

function drawList() {
  const words = byId("filter").value.toLowerCase();
  const which = chosen();
  const rows = overview.ambassadors.filter(row => (!state || row.state === state)
    && (row.namespace + "/" + row.name + " " + row.target).toLowerCase().includes(words));
  const list = byId("ambassadors");
  const focused = document.activeElement && document.activeElement.dataset.key;
  const scrolled = list.scrollTop;
  list.replaceChildren(...rows.map(row => {
    const key = row.namespace + "/" + row.name;
    const current = which && which.namespace === row.namespace && which.name === row.name;
    const button = element("button", {type: "button", class: row.state, "aria-current": String(Boolean(current)), "data-key": key},
      element("span", {}, key),
      element("span", {}, row.state + (row.relays ? ", " + row.relays + " relays" : "") + (row.target ? ", " + row.target : "")));
    button.title = row.reason || row.state;
    button.addEventListener("click", () => {
      location.hash = "#" + encodeURIComponent(row.namespace) + "/" + encodeURIComponent(row.name);
    });
    return element("li", {}, button);
  }));
  list.scrollTop = scrolled;
  if (focused) for (const button of list.querySelectorAll("button")) if (button.dataset.key === focused) button.focus();
  byId("left-out").textContent = overview.leftOut + " more are not listed.";
  byId("left-out").hidden = overview.leftOut === 0;
}

function drawDetail() {
  const place = byId("detail");
  if (!chosen()) {
    place.replaceChildren(element("p", {}, overview.ambassadors.length ? "Choose an Ambassador." : "There is no Ambassador yet."));
    return;
  }
  if (!detail) {
    place.replaceChildren(element("p", {}, "There is no Ambassador of this name."));
    return;
  }
  const row = detail.ambassador;
  const title = element("h2", {}, row.namespace + "/" + row.name,
    element("span", {class: "badge " + row.state}, row.state + (row.reason ? " · " + row.reason : "")));
  const conditions = element("dl");
  for (const condition of detail.conditions) {
    conditions.append(element("dt", {}, condition.type), element("dd", {}, condition.status + " · " + condition.reason),
      element("dd", {class: "dim"}, condition.message));
  }
  place.replaceChildren(title, conditions, element("div", {class: "scroll"}, graph()));
}

const WIDTH = 984, ROW = 46, HIGH = 36, BOX = 250, LEFT = [2, 367, 732];

/** Consumers, relays and targets in three columns, with the open connections between the last two. */
function graph() {
  const listed = detail.relays ? detail.relays.listed : [];
  const targets = [];
  const targetOf = new Map();
  const target = (listen, name, order, old) => {
    const key = listen + " " + name;
    if (!targetOf.has(key)) {
      targetOf.set(key, {listen, name, order, old, open: 0, ejected: 0, y: 0});
      targets.push(targetOf.get(key));
    }
    return targetOf.get(key);
  };
  for (const link of detail.links) link.targets.forEach((name, order) => target(link.listen, name, order, false));

  const edges = [];
  for (const relay of listed) {
    relay.open = 0;
    for (const link of relay.links || []) {
      let named = 0;
      for (const load of link.targets) {
        named += load.open;
        const end = target(link.listen, load.target, 0, false);
        end.open += load.open;
        end.ejected += load.ejected ? 1 : 0;
        edges.push({relay, end, open: load.open});
      }
      if (link.open > named) {
        const end = target(link.listen, "earlier targets", 0, true);
        end.open += link.open - named;
        edges.push({relay, end, open: link.open - named});
      }
      relay.open += link.open;
    }
    if (!relay.links) for (const end of targets) edges.push({relay, end, open: 0});
  }

  const rows = Math.max(listed.length, targets.length, 1);
  const more = detail.relays ? detail.relays.leftOut : 0;
  const height = 24 + rows * ROW + (more ? 20 : 0);
  const middle = (index, count) => 24 + (rows - count) * ROW / 2 + index * ROW + HIGH / 2;
  const svg = drawn("svg", {viewBox: "0 0 " + WIDTH + " " + height, width: WIDTH, height, role: "img",
    "aria-label": "Consumers, relays and targets of " + detail.ambassador.namespace + "/" + detail.ambassador.name});
  ["consumers", "relays", "targets"].forEach((word, column) =>
    svg.append(drawn("text", {class: "dim", x: LEFT[column], y: 12}, word)));
  listed.forEach((relay, index) => { relay.y = middle(index, listed.length); });
  targets.forEach((end, index) => { end.y = middle(index, targets.length); });

  // Edges first, so that boxes cover their ends.
  for (const {relay, end, open} of edges) {
    svg.append(curve(LEFT[1] + BOX, relay.y, LEFT[2], end.y, open, end.old ? "working" : end.ejected ? "failing" : relayState(relay)));
  }
  const gateway = detail.service !== undefined;
  if (gateway) {
    const y = middle(0, 1);
    for (const relay of listed) svg.append(curve(LEFT[0] + BOX, y, LEFT[1], relay.y, relay.open, relayState(relay)));
    svg.append(box(LEFT[0], y, "ok", "consumers of Service", detail.service + ":" + detail.ambassador.listen));
  }
  for (const relay of listed) {
    if (!gateway) {
      svg.append(curve(LEFT[0] + BOX, relay.y, LEFT[1], relay.y, relay.open, relayState(relay)));
      svg.append(box(LEFT[0], relay.y, "ok", "containers of the pod", relay.pod));
    }
    const polled = relay.polledAt ? relay.open + " open, " + age(relay.polledAt) + " ago" : "connections unknown";
    svg.append(box(LEFT[1], relay.y, relayState(relay), gateway ? relay.pod : "relay", polled,
      relay.state + (relay.sentence ? ": " + relay.sentence : "")));
  }
  for (const end of targets) {
    svg.append(box(LEFT[2], end.y, end.old ? "working" : end.ejected ? "failing" : "ok", end.name,
      end.open + " open, port " + end.listen + (end.ejected ? ", fails for " + end.ejected + " relays" : "")));
  }
  if (!detail.relays) {
    svg.append(drawn("text", {class: "dim", x: LEFT[1], y: middle(0, 1)}, overview.leads
      ? "No relay was seen yet." : "The leading operator knows the relays."));
  } else if (listed.length === 0) {
    svg.append(drawn("text", {class: "dim", x: LEFT[1], y: middle(0, 1)}, "There is no relay."));
  }
  if (more) svg.append(drawn("text", {class: "dim", x: LEFT[1], y: height - 6}, "and " + more + " more relays"));
  return svg;
}

function relayState(relay) {
  return STATE_OF_RELAY[relay.state] || "unknown";
}

function box(x, y, look, first, second, title) {
  return drawn("g", {class: look, "data-kind": "node"},
    drawn("title", {}, title || first + " " + second),
    drawn("rect", {class: "node", x, y: y - HIGH / 2, width: BOX, height: HIGH, rx: 5}),
    drawn("text", {x: x + 10, y: y - 4}, short(first, 36)),
    drawn("text", {class: "dim", x: x + 10, y: y + 11}, short(second, 38)));
}

function curve(fromX, fromY, toX, toY, open, look) {
  const half = (fromX + toX) / 2;
  const wide = open > 0 ? Math.min(8, 1.5 + Math.log2(open)) : 1;
  return drawn("path", {class: look + (open > 0 ? "" : " idle"), "stroke-width": wide.toFixed(1),
    d: "M" + fromX + "," + fromY + " C" + half + "," + fromY + " " + half + "," + toY + " " + toX + "," + toY});
}

/** Since `then`, by the operator's clock: that of the browser may differ. */
function age(then) {
  const seconds = Math.max(0, Math.round((Date.parse(overview.generatedAt) - Date.parse(then)) / 1000));
  return seconds < 120 ? seconds + " s" : seconds < 7200 ? Math.round(seconds / 60) + " min"
    : seconds < 172800 ? Math.round(seconds / 3600) + " h" : Math.round(seconds / 86400) + " days";
}

/** What the timeline shows: the history of the chosen Ambassador, or of each its latest retarget. The newest first. */
function retargets() {
  const latest = overview.retargets.map(row => ({...row, what: row.namespace + "/" + row.name, end: "on its way"}));
  if (!detail) return latest;
  // Its first target is in its status, and is no retarget.
  if (detail.retargets.length === 0) return latest.filter(row => row.what === detail.ambassador.namespace + "/" + detail.ambassador.name);
  return detail.retargets.map((row, index) => ({...row,
    what: "revision " + row.revision + (row.changedBy ? " by " + row.changedBy : ""), end: index === 0 ? "on its way" : "overtaken"}));
}

/** The retargets on a line that ends now, and below as a list. */
function drawTimeline() {
  const place = byId("timeline");
  const rows = retargets();
  byId("timeline-title").textContent = "Latest retargets" + (detail ? " of " + detail.ambassador.namespace + "/" + detail.ambassador.name : "");
  if (rows.length === 0) {
    place.replaceChildren(element("p", {class: "dim"}, "No target has changed yet."));
    return;
  }
  const now = Date.parse(overview.generatedAt);
  const oldest = Math.min(...rows.map(row => Date.parse(row.startedAt)));
  // By the logarithm of the age: minutes count as much as the days before them.
  const scale = Math.log1p(Math.max(1, (now - oldest) / 1000));
  const at = then => 12 + (WIDTH - 24) * (1 - Math.log1p(Math.max(0, (now - then) / 1000)) / scale);
  const svg = drawn("svg", {viewBox: "0 0 " + WIDTH + " 44", width: WIDTH, height: 44, role: "img", "aria-label": "Retargets over time"},
    drawn("line", {x1: 0, x2: WIDTH, y1: 16, y2: 16}),
    drawn("text", {class: "dim", x: 0, y: 40}, age(new Date(oldest).toISOString()) + " ago"),
    drawn("text", {class: "dim", x: WIDTH, y: 40, "text-anchor": "end"}, "now"));
  const table = element("table");
  for (const row of rows) {
    const look = row.convergedAt ? "ok" : row.end === "on its way" ? "working" : "unknown";
    svg.append(drawn("g", {class: look},
      drawn("title", {}, row.what + " to " + row.to),
      drawn("circle", {cx: at(Date.parse(row.startedAt)).toFixed(1), cy: 16, r: 6})));
    const took = row.convergedAt ? (Date.parse(row.convergedAt) - Date.parse(row.startedAt)) / 1000 : 0;
    const time = element("td", {}, age(row.startedAt) + " ago");
    time.title = row.startedAt;
    table.append(element("tr", {}, time, element("td", {}, row.what),
      element("td", {}, (row.from ? "from " + row.from + " " : "") + "to " + (row.to || "nothing")),
      element("td", {class: look}, row.convergedAt ? "took " + took.toFixed(1) + " s" : row.end)));
  }
  place.replaceChildren(svg, table);
}

byId("filter").addEventListener("input", () => overview && drawList());
addEventListener("hashchange", refresh);
document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : refresh());
refresh();
