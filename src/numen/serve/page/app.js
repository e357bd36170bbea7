// The page: what is typed becomes a view, a view becomes questions, answers become what is seen.

import { ask, askLines, Refused } from "./asking.js";
import { Colours } from "./colours.js";
import { columns } from "./columns.js";
import { byId, el } from "./elements.js";
import { facts, inShort } from "./facts.js";
import { filters } from "./filters.js";
import { Hit, told, wordList } from "./hits.js";
import { asked, filterOf, fromAddress, toAddress } from "./view.js";

const TYPING = 90; // milliseconds without a key after which a search begins
const LENGTH = 26; // letters of an example, about

let view = fromAddress();
let known = new Map(); // facts by collection
let fields = null; // of the collection that is shown
let running = null; // what stops the questions that go on
let timer = 0;

const path = (end) => `collections/${view.collection}/${end}`;

function later() {
  clearTimeout(timer);
  timer = setTimeout(now, TYPING);
}

async function now() {
  clearTimeout(timer);
  history.replaceState(null, "", toAddress(view));
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  showFilter();
  if (!view.q.trim()) {
    clear();
    return;
  }
  try {
    if (view.side && legsOf().length > 1) await showSides(signal);
    else await showHits(signal);
    byId("trouble").hidden = true;
  } catch (error) {
    if (error.name !== "AbortError") trouble(error);
  }
}

const legsOf = () => (view.legs.length ? view.legs : known.get(view.collection).legs.map((leg) => leg.name));

function clear() {
  byId("hits").replaceChildren();
  byId("words").replaceChildren();
  byId("columns").hidden = true;
  byId("status").textContent = "";
  byId("trouble").hidden = true;
  byId("welcome").hidden = false;
}

function trouble(error) {
  const box = byId("trouble");
  box.textContent = error instanceof Refused ? error.message : `Something went wrong on this page: ${error.message}`;
  box.hidden = false;
  byId("welcome").hidden = true;
  byId("status").textContent = "";
  byId("hits").replaceChildren();
  byId("words").replaceChildren();
  byId("columns").hidden = true;
  if (!(error instanceof Refused)) console.error(error);
}

async function showHits(signal) {
  const question = asked(view);
  const results = await ask(path("search"), { ...question, text: false, highlights: true }, signal);
  const hits = results.hits.map((hit) => new Hit(hit, view, only));
  byId("welcome").hidden = true;
  byId("columns").hidden = true;
  byId("words").replaceChildren();
  byId("hits").replaceChildren(...hits.map((hit) => hit.element));
  byId("status").textContent = told(results);
  document.title = `${view.q.slice(0, 60)} – numen`;
  if (!hits.length) return;
  const { explanations } = await ask(path("explain"), { ...question, ids: hits.map(({ hit }) => hit.id) }, signal);
  const words = explanations.flatMap((explanation) =>
    explanation.legs.flatMap((leg) => [
      ...leg.parts.filter((part) => !part.added && part.kind !== "pair" && !leg.words.length).flatMap((part) => part.asked.slice(0, 1)),
      ...leg.words.filter((word) => !word.added).map((word) => word.word),
      ...leg.missing,
    ]),
  );
  const colours = new Colours(view.q, words);
  const best = Math.max(...explanations.map((explanation) => explanation.score));
  hits.forEach((hit, place) => hit.explain(explanations[place], colours, best));
  byId("words").replaceChildren(...wordList(colours, explanations));
}

async function showSides(signal) {
  const question = asked(view);
  const each = legsOf().map(async (leg) => [
    leg,
    await ask(path("search"), { ...question, fuse: "rrf", legs: [leg], text: false }, signal),
  ]);
  const byLeg = await Promise.all(each);
  const encoders = new Map(known.get(view.collection).legs.map((leg) => [leg.name, leg.encoder]));
  byId("welcome").hidden = true;
  byId("hits").replaceChildren();
  byId("words").replaceChildren();
  byId("columns").replaceChildren(...columns(byLeg, encoders));
  byId("columns").hidden = false;
  byId("status").textContent = `The same query in ${byLeg.length} legs`;
}

// Filters ---------------------------------------------------------------------------------------------------------------

function only(name, value) {
  const field = fields?.find((one) => one.name === name || one.name === `\`${name}\``);
  view.facets[field?.name ?? name] = [value];
  showPanel();
  now();
}

function showFilter() {
  const where = filterOf(view);
  const line = byId("kept");
  line.hidden = !where;
  line.replaceChildren(
    "Only where ",
    el("code", {}, where),
    el(
      "button",
      {
        type: "button",
        class: "plain",
        onclick: () => {
          view.facets = {};
          view.where = "";
          showPanel();
          now();
        },
      },
      "All again",
    ),
  );
}

async function showPanel() {
  const panel = byId("filters");
  if (panel.hidden) return;
  if (!fields) {
    try {
      fields = (await ask(path("fields"))).fields;
    } catch (error) {
      trouble(error);
      return;
    }
  }
  panel.replaceChildren(...filters(fields, view, later));
}

// The collection --------------------------------------------------------------------------------------------------------

async function choose(name) {
  const changed = name !== view.collection;
  view.collection = name;
  fields = null;
  if (changed) {
    view.legs = [];
    view.facets = {};
    view.where = "";
  }
  const info = known.get(name);
  byId("collection").value = name;
  byId("size").textContent = inShort(info);
  byId("about").replaceChildren(...facts(info));
  showLegs(info);
  showPanel();
  showExamples(info);
}

function showLegs(info) {
  const several = info.legs.length > 1;
  byId("side").hidden = !several;
  byId("legs").hidden = !several;
  byId("legs").replaceChildren(
    ...info.legs.map(({ name, encoder }) =>
      el(
        "button",
        {
          type: "button",
          class: "tool leg",
          title: encoder,
          "aria-pressed": String(!view.legs.length || view.legs.includes(name)),
          onclick: () => {
            const on = new Set(legsOf());
            if (on.has(name) && on.size > 1) on.delete(name);
            else on.add(name);
            view.legs = on.size === info.legs.length ? [] : info.legs.map((leg) => leg.name).filter((leg) => on.has(leg));
            showLegs(info);
            now();
          },
        },
        name,
      ),
    ),
  );
}

async function showExamples(info) {
  const box = byId("examples");
  box.replaceChildren();
  if (!info.documents) {
    box.textContent = "This collection is empty.";
    return;
  }
  const documents = await askLines(path("documents?limit=60")).catch(() => []);
  if (!documents.length || info.name !== view.collection) return;
  const picked = [documents[0], documents[Math.floor(documents.length / 2)], documents.at(-1)];
  const queries = [...new Set(picked.map(({ title, text }) => example(title.includes(" ") ? title : text)).filter(Boolean))];
  if (!queries.length) return;
  const last = queries.length - 1;
  queries[last] = mistyped(queries[last]);
  box.replaceChildren(
    "For example",
    ...queries.map((query) =>
      el(
        "button",
        {
          type: "button",
          onclick: () => {
            byId("query").value = view.q = query;
            byId("query").focus();
            now();
          },
        },
        query,
      ),
    ),
  );
}

function example(text) {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.filter((word) => word.length > 3) ?? [];
  let out = "";
  for (const word of words.slice(0, 8)) {
    if (out && out.length + word.length > LENGTH) break;
    out += `${out ? " " : ""}${word.toLowerCase()}`;
  }
  return out;
}

// The query with two letters of its longest word swapped: typing errors are forgiven, and that should be seen.
function mistyped(query) {
  const longest = query.split(" ").reduce((a, b) => (b.length > a.length ? b : a));
  if (longest.length < 6) return query;
  const at = Math.floor(longest.length / 2);
  const wrong = longest.slice(0, at) + longest[at + 1] + longest[at] + longest.slice(at + 2);
  return query.replace(longest, wrong);
}

// Keys and buttons ------------------------------------------------------------------------------------------------------

function move(step) {
  const all = [...document.querySelectorAll(".hit .more")];
  if (!all.length) return;
  const at = all.findIndex((one) => one.closest(".hit").contains(document.activeElement));
  const next = at + step;
  if (next < 0) byId("query").focus();
  else {
    all[Math.min(next, all.length - 1)].focus();
    all[Math.min(next, all.length - 1)].closest(".hit").scrollIntoView({ block: "nearest" });
  }
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const inBox = event.target === byId("query");
  const typing = inBox || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("query").select();
  } else if (event.key === "?" && !typing) byId("keys").showModal();
  else if (event.key === "ArrowDown" && (inBox || !typing)) {
    event.preventDefault();
    move(1);
  } else if (event.key === "ArrowUp" && !typing && document.activeElement?.closest(".hit")) {
    event.preventDefault();
    move(-1);
  } else if (event.key === "Escape") {
    if (inBox) {
      byId("query").value = view.q = "";
      now();
    } else byId("query").focus();
  }
}

function wire() {
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", toAddress(view));
    now();
  });
  byId("query").addEventListener("input", (event) => {
    view.q = event.target.value;
    later();
  });
  byId("collection").addEventListener("change", async (event) => {
    await choose(event.target.value);
    now();
  });
  byId("side").addEventListener("click", (event) => {
    view.side = !view.side;
    event.currentTarget.setAttribute("aria-pressed", String(view.side));
    now();
  });
  for (const [button, panel] of [
    ["filter", "filters"],
    ["options", "choices"],
  ]) {
    byId(button).addEventListener("click", (event) => {
      byId(panel).hidden = !byId(panel).hidden;
      event.currentTarget.setAttribute("aria-expanded", String(!byId(panel).hidden));
      if (panel === "filters") showPanel();
    });
  }
  for (const name of ["fuse", "feedback", "k"]) {
    byId(name).addEventListener("change", (event) => {
      view[name] = name === "k" ? Number(event.target.value) : event.target.value;
      now();
    });
  }
  byId("link").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    await navigator.clipboard?.writeText(location.href).catch(() => null);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy link"), 1500);
  });
  byId("help").addEventListener("click", () => byId("keys").showModal());
  document.addEventListener("keydown", pressed);
  window.addEventListener("popstate", () => {
    view = fromAddress();
    show();
  });
}

async function show() {
  const names = [...known.keys()];
  const wanted = known.has(view.collection) ? view.collection : names[0];
  view.collection = wanted;
  for (const name of ["fuse", "feedback"]) byId(name).value = view[name];
  byId("k").value = String(view.k);
  byId("side").setAttribute("aria-pressed", String(view.side));
  byId("query").value = view.q;
  await choose(wanted);
  await now();
}

async function start() {
  wire();
  byId("status").textContent = "Getting ready …";
  try {
    const { collections } = await ask("collections");
    known = new Map(collections.map((info) => [info.name, info]));
  } catch (error) {
    if (error.code === "starting") {
      setTimeout(() => location.reload(), 2000);
      return;
    }
    trouble(error);
    return;
  }
  byId("status").textContent = "";
  byId("collection").replaceChildren(...[...known.keys()].map((name) => el("option", { value: name }, name)));
  await show();
}

start();
