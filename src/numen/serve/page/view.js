// What the page shows, as a value, and as the part of its address after # that makes it again. The service never sees that part.

export const USUAL = { collection: "", q: "", legs: [], side: false, fuse: "", feedback: "", k: 10, facets: {}, where: "" };

export function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const view = structuredClone(USUAL);
  view.collection = given.get("in") ?? "";
  view.q = given.get("q") ?? "";
  view.legs = given.getAll("leg");
  view.side = given.has("side");
  view.fuse = given.get("fuse") ?? "";
  view.feedback = given.get("feedback") ?? "";
  view.k = Number(given.get("k")) || 10;
  view.where = given.get("where") ?? "";
  try {
    view.facets = JSON.parse(given.get("fields") ?? "{}");
  } catch {
    view.facets = {};
  }
  return view;
}

export function toAddress(view) {
  const out = new URLSearchParams();
  if (view.collection) out.set("in", view.collection);
  if (view.q) out.set("q", view.q);
  for (const leg of view.legs) out.append("leg", leg);
  if (view.side) out.set("side", "");
  if (view.fuse) out.set("fuse", view.fuse);
  if (view.feedback) out.set("feedback", view.feedback);
  if (view.k !== 10) out.set("k", view.k);
  if (Object.keys(view.facets).length) out.set("fields", JSON.stringify(view.facets));
  if (view.where) out.set("where", view.where);
  return `#${out}`;
}

const quoted = (value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value));

// The filter that was chosen and written, in the language of filters; "" for none.
export function filterOf(view) {
  const parts = [];
  for (const [name, chosen] of Object.entries(view.facets)) {
    if (Array.isArray(chosen)) {
      if (chosen.length === 1) parts.push(`${name} = ${quoted(chosen[0])}`);
      else if (chosen.length) parts.push(`${name} in [${chosen.map(quoted).join(", ")}]`);
    } else {
      if (Number.isFinite(chosen.from)) parts.push(`${name} >= ${chosen.from}`);
      if (Number.isFinite(chosen.to)) parts.push(`${name} <= ${chosen.to}`);
    }
  }
  if (view.where.trim()) parts.push(parts.length ? `(${view.where.trim()})` : view.where.trim());
  return parts.join(" and ");
}

// What a search takes, of what is shown.
export function asked(view) {
  const out = { query: view.q, k: view.k };
  if (view.legs.length) out.legs = view.legs;
  if (view.fuse) out.fuse = view.fuse; // else what is usual for these legs
  if (view.feedback) out.feedback = view.feedback;
  const where = filterOf(view);
  if (where) out.where = where;
  return out;
}
