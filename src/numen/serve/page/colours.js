// Which colour a word of the query has, and so every word of a document that it found.

import { characters, el, joined } from "./elements.js";

const HUES = 6;
const SHARED = 3; // letters at least that a word must begin with in common to be taken for one of the query

const fold = (word) => word.normalize("NFKC").toLowerCase();

export class Colours {
  // words: those of the query, in its order.
  constructor(query, words) {
    const text = fold(query);
    const places = [...new Set(words.map(fold))].map((word) => [text.indexOf(word), word]);
    places.sort((a, b) => (a[0] < 0 ? 1e9 : a[0]) - (b[0] < 0 ? 1e9 : b[0]));
    this.words = places.map(([, word]) => word);
    this.known = new Map(this.words.map((word, place) => [word, `hue${(place % HUES) + 1}`]));
  }

  of(word) {
    return this.known.get(fold(word ?? "")) ?? "hue0";
  }
}

// Of each word of a document that an explanation names, the class of its colour.
export function found(explanation, colours) {
  const out = new Map();
  const put = (word, hue) => {
    const bare = fold(word).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    if (bare && !out.has(bare)) out.set(bare, hue);
  };
  for (const leg of explanation.legs) {
    for (const part of leg.parts) {
      if (part.kind === "pair" || part.added || leg.words.length) continue;
      for (const word of part.found) put(word, colours.of(part.asked[0]));
    }
  }
  for (const leg of explanation.legs) {
    for (const word of leg.words) {
      if (!word.added) for (const close of word.closest) put(close, colours.of(word.word));
    }
  }
  return out;
}

// The text with its spans marked, each in the colour of the word that it matched.
export function marked(text, spans, colours, known) {
  const all = characters(text);
  const out = [];
  let at = 0;
  for (const [first, last] of spans) {
    if (first > at) out.push(joined(all.slice(at, first)));
    const match = joined(all.slice(first, last));
    out.push(el("mark", { class: hueOf(match, colours, known) }, match));
    at = last;
  }
  if (at < all.length) out.push(joined(all.slice(at)));
  return out;
}

function hueOf(match, colours, known) {
  const word = fold(match);
  const exact = known?.get(word) ?? colours.known.get(word);
  if (exact) return exact;
  let best = ["hue0", SHARED - 1];
  for (const [other, hue] of colours.known) {
    let common = 0;
    while (common < other.length && other[common] === word[common]) common += 1;
    if (common > best[1]) best = [hue, common];
  }
  return best[0];
}
