// Legs side by side: what each finds for the same query, and what only one of them finds.

import { counted, el, score } from "./elements.js";

// by_leg: [leg, results] each. encoders: by leg.
export function columns(byLeg, encoders) {
  const places = new Map(byLeg.map(([leg, results]) => [leg, new Map(results.hits.map((hit) => [hit.id, hit.rank]))]));
  return byLeg.map(([leg, results]) => {
    const others = [...places].filter(([name]) => name !== leg);
    const best = results.hits[0]?.score ?? 1;
    let alone = 0;
    const rows = results.hits.map((hit) => {
      const there = others.filter(([, ranks]) => ranks.has(hit.id)).map(([name, ranks]) => `${name} #${ranks.get(hit.id)}`);
      if (!there.length) alone += 1;
      return el(
        "li",
        { class: there.length ? "" : "alone" },
        el("span", { class: "rank" }, String(hit.rank)),
        el("span", { title: `score ${score(hit.score)}` }, hit.title || hit.id),
        there.length ? el("span", { class: "else" }, there.join(", ")) : el("span", { class: "badge" }, "only here"),
        el("div", { class: "bar", "aria-hidden": "true" }, el("i", { class: "seg hue0", width: `${(100 * hit.score) / best}%` })),
      );
    });
    const said = rows.length ? `${counted(rows.length, "hit")}, ${alone} of them only here` : "finds nothing";
    return el(
      "section",
      { class: "column", "aria-label": `Leg ${leg}` },
      el("h2", {}, leg, " ", el("span", {}, encoders.get(leg) ?? "")),
      el("p", {}, said),
      el("ol", {}, rows),
    );
  });
}
