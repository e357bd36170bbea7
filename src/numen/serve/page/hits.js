// The hits of a query: what was found, where it matches, and why.

import { ask } from "./asking.js";
import { Colours, found, marked } from "./colours.js";
import { characters, el, joined, number, score } from "./elements.js";
import { drawn, inFull, lacking } from "./why.js";

const FIELDS = 6; // fields of the metadata shown
const LONG = 80; // characters of a value shown

// One hit as it stands before its explanation is there, and what is done when it is.
export class Hit {
  constructor(hit, view, onFilter) {
    this.hit = hit;
    this.view = view;
    this.explanation = null;
    this.why = el("div", { class: "why" });
    this.full = el("div", { class: "full", id: `full-${hit.rank}`, hidden: true });
    this.title = el("h2");
    this.part = el("p", { class: "part" });
    this.toggle = el(
      "button",
      { type: "button", class: "plain more", "aria-expanded": "false", "aria-controls": `full-${hit.rank}`, onclick: () => this.open() },
      "Why in full",
      el("span", { class: "quiet" }, `, hit ${hit.rank}`),
    );
    this.element = el(
      "li",
      {},
      el(
        "article",
        { class: "hit", "data-id": hit.id },
        el(
          "div",
          { class: "line" },
          el("span", { class: "rank", "aria-hidden": "true" }, String(hit.rank)),
          this.title,
          el("span", { class: "score" }, el("span", { class: "quiet" }, "Score "), score(hit.score)),
        ),
        this.part,
        this.why,
        meta(hit, onFilter),
        this.toggle,
        this.full,
      ),
    );
    this.mark(new Colours(view.q, []), undefined);
  }

  mark(colours, known) {
    const { hit } = this;
    const title = hit.title ? marked(hit.title, hit.highlights.title, colours, known) : [hit.id];
    this.title.replaceChildren(...title);
    const { text, highlights, cut_before: before, cut_after: after } = hit.snippet;
    const part = text.trim() ? marked(text, highlights, colours, known) : [];
    if (part.length && before) part.unshift("… ");
    if (part.length && after) part.push(" …");
    this.part.replaceChildren(...part);
  }

  explain(explanation, colours, best) {
    this.explanation = explanation;
    this.colours = colours;
    this.known = found(explanation, colours);
    this.mark(colours, this.known);
    this.why.replaceChildren(...drawn(explanation, colours, best));
    if (!this.full.hidden) this.fill();
  }

  async open() {
    this.full.hidden = !this.full.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.full.hidden));
    this.toggle.firstChild.textContent = this.full.hidden ? "Why in full" : "Less";
    if (!this.full.hidden) await this.fill();
  }

  async fill() {
    const whole = el("div", { class: "whole", tabindex: "0", role: "group", "aria-label": "The whole text" }, "…");
    const parts = this.explanation ? inFull(this.explanation, this.colours) : [];
    this.full.replaceChildren(...parts, whole);
    try {
      const { documents } = await ask(`collections/${this.view.collection}/get_many`, { ids: [this.hit.id] });
      const text = documents[0]?.text ?? "";
      const seen = joined(characters(text));
      whole.replaceChildren(...(seen.trim() ? marked(text, this.hit.highlights.text, this.colours ?? new Colours("", []), this.known) : ["(no text)"]));
    } catch (error) {
      whole.textContent = error.message;
    }
  }
}

function meta(hit, onFilter) {
  const entries = [["id", hit.id], ...Object.entries(hit.metadata)].slice(0, FIELDS + 1);
  return el(
    "dl",
    { class: "meta" },
    entries.map(([name, value]) => {
      const text = shown(value);
      const simple = name !== "id" && (typeof value === "string" || typeof value === "boolean");
      const inner = simple
        ? el("button", { type: "button", title: `Only ${name} ${text}`, onclick: () => onFilter(name, value) }, text)
        : text;
      return el("div", {}, el("dt", {}, name), el("dd", {}, inner));
    }),
  );
}

function shown(value) {
  const text = typeof value === "string" ? value : Array.isArray(value) ? value.map(shown).join(", ") : JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

// The words of the query with their colours, the words that stood in for them, and those that nothing has.
export function wordList(colours, explanations) {
  const near = new Map();
  for (const explanation of explanations) {
    for (const leg of explanation.legs) {
      for (const part of leg.parts) {
        if (leg.words.length || part.added || part.kind === "pair") continue;
        const word = (part.asked[0] ?? "").toLowerCase();
        const count = near.get(word) ?? new Map();
        for (const other of part.found) {
          const folded = other.toLowerCase();
          if (folded !== word) count.set(folded, (count.get(folded) ?? 0) + 1);
        }
        near.set(word, count);
      }
    }
  }
  const missing = explanations.length ? explanations.map(lacking) : [];
  return colours.words.map((word) => {
    const nowhere = missing.length > 0 && missing.every((one) => one.some((other) => other.toLowerCase() === word));
    const best = [...(near.get(word) ?? [])].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([other]) => other);
    return el(
      "li",
      {},
      el("span", { class: nowhere ? "lacking" : `swatch ${colours.of(word)}` }, word),
      nowhere ? el("span", { class: "near" }, " in none of these") : null,
      best.length ? el("span", { class: "near" }, ` ≈ ${best.join(", ")}`) : null,
    );
  });
}

export function told(results) {
  const { hits, documents, milliseconds } = results;
  const time = milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds);
  const among = `${number(documents)} document${documents === 1 ? "" : "s"}`;
  if (!hits.length) return `Nothing found among ${among}, ${time} ms`;
  return `${hits.length === results.k ? `The ${hits.length} best` : `${hits.length} found`} among ${among}, ${time} ms`;
}
