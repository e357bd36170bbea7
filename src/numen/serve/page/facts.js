// What a collection says of itself.

import { counted, el, number, size } from "./elements.js";

export function facts(info) {
  const pairs = [
    ["Documents", number(info.documents) + (info.deleted ? `, and ${number(info.deleted)} deleted ones not yet swept out` : "")],
    ["Indexed", info.fields.join(", ")],
    ["On disk", `index ${size(info.bytes_index)}, texts ${size(info.bytes_catalog)}`],
    ["Segments", `${number(info.segments)}, commit ${number(info.generation)}`],
    ["Changes", info.writable ? "allowed with what you have" : "not allowed"],
  ];
  const legs = info.legs.map((leg) =>
    el("tr", {}, [leg.name, leg.encoder, number(leg.terms), number(leg.postings), size(leg.bytes)].map((cell) => el("td", {}, cell))),
  );
  const heads = ["Leg", "Encoder", "Terms", "Postings", "Size"].map((name) => el("th", { scope: "col" }, name));
  return [
    el("dl", {}, pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "The legs" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, legs))),
  ];
}

export const inShort = (info) => `${counted(info.documents, "document")}`;
