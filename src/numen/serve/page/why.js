// Why a hit is there: an explanation as bars by word, and in full.

import { counted, el, number, percent, score } from "./elements.js";

const SHOWN = 12; // rows of a leg in full
const NAMED = 3; // words named beside one
const MENTIONED = 12; // related words named in full
const BROUGHT = "related words"; // those that joined the query because the first hits have them

// What each word gave to a leg's score, greatest first: {label, hue, gave, pair, brought, near, parts}.
export function shares(leg, colours) {
  const out = new Map();
  const add = (name, label, hue, gave, more = {}) => {
    const known = out.get(name) ?? { label, hue, gave: 0, near: [], parts: [], pair: false, brought: false };
    known.gave += gave;
    known.near.push(...(more.near ?? []).filter((word) => !known.near.includes(word)));
    if (more.part) known.parts.push(more.part);
    known.pair ||= more.pair === true;
    known.brought ||= more.brought === true;
    out.set(name, known);
  };
  if (leg.words.length) {
    for (const word of leg.words) {
      if (word.added) add("+", BROUGHT, "hue0", word.contribution, { brought: true, near: [word.word] });
      else {
        const near = word.closest.map(bare).filter((close) => !holds(close, word.word));
        add(word.word, word.word, colours.of(word.word), word.contribution, { near: [...new Set(near)], part: word });
      }
    }
  } else {
    for (const part of leg.parts) {
      if (part.added) add("+", BROUGHT, "hue0", part.contribution, { brought: true, part, near: [part.term] });
      else if (part.kind === "pair") {
        const label = part.asked.length > 1 ? part.asked.join(" ") : part.term;
        add(`"${label}"`, `“${label}”`, colours.of(label.split(" ")[0]), part.contribution, { pair: true, part });
      } else {
        const word = part.asked[0] ?? part.term;
        const near = part.found.filter((other) => other.toLowerCase() !== word.toLowerCase());
        add(word, part.asked.join("/") || part.term, colours.of(word), part.contribution, { near, part });
      }
    }
  }
  if (leg.constant) add("constant", "the same for every hit", "hue0", leg.constant);
  return [...out.values()].sort((a, b) => b.gave - a.gave);
}

// Whether a run of a text, such as "shell-like", has the word itself in it.
const holds = (run, word) => run.toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u).includes(word.toLowerCase());

const bare = (word) => word.replace(/^[^\p{L}\p{N}]+(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])[^\p{L}\p{N}]+$/gu, "");

// What each leg gave to the score, as a share of it.
function ofScore(leg, explanation) {
  if (explanation.fuse === null) return 1;
  return explanation.score ? (leg.fused ?? 0) / explanation.score : 0;
}

function bar(parts, whole, length) {
  return el(
    "div",
    { class: "bar", "aria-hidden": "true" },
    parts
      .filter((part) => part.gave > 0)
      .map((part) =>
        el("i", {
          class: `seg ${part.hue}${part.pair ? " pair" : ""}${part.brought ? " brought" : ""}`,
          width: `${((part.gave / whole) * length * 100).toFixed(2)}%`,
          title: `${part.label} ${percent(part.gave / whole)}`,
        }),
      ),
  );
}

export const totalOf = (leg) => leg.parts.reduce((sum, part) => sum + Math.max(part.contribution, 0), 0) + (leg.constant || 0) || leg.score || 1;

// A lane for each leg; its length is what the leg gave, as a share of the best hit's score.
export function drawn(explanation, colours, best) {
  const several = explanation.legs.length > 1;
  const lanes = explanation.legs.map((leg) => {
    const length = ofScore(leg, explanation) * (best > 0 ? explanation.score / best : 1);
    const parts = inOrder(shares(leg, colours), colours);
    const line = bar(parts, totalOf(leg), Math.min(length, 1));
    if (!several) return el("div", { class: "lane single" }, line);
    const rank = leg.rank === null ? "not found" : `#${leg.rank}`;
    return el("div", { class: "lane" }, el("span", { class: "leg-name" }, `${leg.leg} ${rank}`), line);
  });
  return [...lanes, because(explanation, colours)];
}

// The words in the order of the query, so that lanes can be compared.
function inOrder(parts, colours) {
  const place = (part) => {
    const at = colours.words.indexOf(part.label.replace(/[“”]/g, "").split(" ")[0].toLowerCase());
    return at < 0 ? colours.words.length : at;
  };
  return [...parts].sort((a, b) => place(a) - place(b));
}

// One line in words: which word gave how much of the score over all legs, and through which words.
function because(explanation, colours) {
  const all = new Map();
  for (const leg of explanation.legs) {
    const share = ofScore(leg, explanation);
    const total = totalOf(leg);
    for (const part of shares(leg, colours)) {
      const known = all.get(part.label) ?? { ...part, gave: 0, near: [] };
      known.gave += (share * part.gave) / total;
      known.near.push(...part.near.filter((word) => !known.near.includes(word)));
      all.set(part.label, known);
    }
  }
  const told = [...all.values()].filter((part) => part.gave > 0).sort((a, b) => b.gave - a.gave);
  const out = [el("span", { class: "quiet" }, "Why: ")];
  told.slice(0, 6).forEach((part, place) => {
    const near = part.near.slice(0, NAMED);
    const through = near.length ? ` via ${near.join(", ")}` : "";
    out.push(place ? " · " : "", el("b", { class: part.hue }, part.label), ` ${percent(part.gave)}${through}`);
  });
  if (told.length > 6) out.push(` · ${told.length - 6} more`);
  const missing = lacking(explanation);
  if (missing.length) out.push(` · without ${missing.join(", ")}`);
  return el("p", { class: "because" }, out);
}

// The words of the query that meet nothing in any leg.
export function lacking(explanation) {
  const [first, ...others] = explanation.legs.map((leg) => leg.missing);
  return (first ?? []).filter((word) => others.every((missing) => missing.includes(word)));
}

// All of it: for each leg how its share came about, and a row a word.
export function inFull(explanation, colours) {
  return explanation.legs.map((leg) => {
    const parts = shares(leg, colours);
    const total = totalOf(leg);
    const rows = parts.slice(0, SHOWN).map((part) => row(part, leg, total));
    if (parts.length > SHOWN) rows.push(el("p", { class: "hint" }, `and ${counted(parts.length - SHOWN, "more word")}`));
    if (leg.missing.length) rows.push(el("p", { class: "hint" }, `not in it: ${leg.missing.join(", ")}`));
    if (!rows.length) rows.push(el("p", { class: "hint" }, "nothing in common with the query"));
    return el(
      "section",
      {},
      el("h3", {}, `${leg.leg} `, el("span", {}, `${leg.encoder} · ${how(leg, explanation)}`)),
      el("div", { class: "rows" }, rows),
    );
  });
}

function how(leg, explanation) {
  if (explanation.fuse === null) return `score ${score(leg.score)}${leg.rank === null ? "" : `, rank ${leg.rank}`}`;
  if (leg.rank === null) return "not among its best, so it gave nothing";
  const gave = `${score(leg.fused)} of ${score(explanation.score)}`;
  if (leg.scale === null) return `rank ${leg.rank} of this leg gave ${gave}`;
  return `score ${score(leg.score)} / ${score(leg.scale)} × ${score(leg.weight)} gave ${gave}`;
}

function row(part, leg, total) {
  return el(
    "div",
    { class: "row" },
    el("b", { class: part.hue }, part.label),
    el("span", { class: "gave" }, percent(part.gave / total)),
    bar([part], total, 1),
    el("span", { class: "note" }, note(part, leg)),
  );
}

function note(part, leg) {
  if (part.brought) {
    const rest = part.near.length > MENTIONED ? ` and ${part.near.length - MENTIONED} more` : "";
    return `words that the first hits share: ${part.near.slice(0, MENTIONED).join(", ")}${rest}`;
  }
  const out = [];
  if (leg.words.length) {
    const share = part.parts[0];
    if (share?.closest.length) out.push(`met ${[...new Set(share.closest.map(bare))].join(", ")}`);
    else out.push("by collision only");
    if (share && share.contribution && share.collided / share.contribution > 0.01) {
      out.push(`${percent(share.collided / share.contribution)} by collision`);
    }
    return out.join("; ");
  }
  const first = part.parts[0];
  if (first) {
    out.push(`${counted(first.count, "time")}; in ${number(first.document_frequency)} of ${counted(leg.documents, "document")}`);
    const through = first.words.filter((word) => word.count > 0 && word.weight < 1);
    if (through.length) {
      out.push(`through ${through.map((word) => `${word.word} (counts ${percent(word.weight)})`).join(", ")}`);
    } else if (part.near.length) out.push(`as ${part.near.join(", ")}`);
  }
  return out.join("; ");
}
