// Filters from the fields of the metadata: values to tick, ranges to fill in, and the language itself.

import { el, number } from "./elements.js";

const SHOWN = 12; // fields with a place of their own

export function filters(fields, view, onChange) {
  const out = [];
  for (const field of fields) {
    if (out.length >= SHOWN) break;
    if (field.values.length && field.values.some(({ documents }) => documents > 1)) out.push(values(field, view, onChange));
    else if (field.least !== null && field.least !== field.most) out.push(range(field, view, onChange));
  }
  const text = el("input", {
    type: "text",
    id: "where",
    value: view.where,
    placeholder: "year >= 2020 and lang in ['de', 'fr']",
    spellcheck: "false",
    oninput: (event) => {
      view.where = event.target.value;
      onChange();
    },
  });
  const known = fields.map(({ name }) => name).join(", ");
  out.push(
    el(
      "p",
      { class: "field wide" },
      el("label", { for: "where" }, "Or write it"),
      text,
      el("span", { class: "hint" }, known ? `Fields: ${known}` : "No document of this collection has metadata."),
    ),
  );
  return out;
}

function values(field, view, onChange) {
  const chosen = Array.isArray(view.facets[field.name]) ? view.facets[field.name] : [];
  const boxes = field.values.map(({ value, documents }, place) => {
    const id = `value-${field.name}-${place}`;
    const box = el("input", {
      type: "checkbox",
      id,
      checked: chosen.includes(value),
      onchange: () => {
        const now = new Set(Array.isArray(view.facets[field.name]) ? view.facets[field.name] : []);
        if (box.checked) now.add(value);
        else now.delete(value);
        if (now.size) view.facets[field.name] = [...now];
        else delete view.facets[field.name];
        onChange();
      },
    });
    return el("label", { for: id }, box, el("span", {}, value === "" ? "(empty)" : String(value)), el("span", {}, number(documents)));
  });
  const more = field.distinct > field.values.length ? el("p", { class: "hint" }, `and ${number(field.distinct - field.values.length)} more`) : null;
  return el(
    "fieldset",
    {},
    el("legend", {}, field.name),
    el("div", { class: "values", tabindex: boxes.length > 6 ? "0" : null, role: "group", "aria-label": `Values of ${field.name}` }, boxes),
    more,
  );
}

function range(field, view, onChange) {
  const chosen = view.facets[field.name] && !Array.isArray(view.facets[field.name]) ? view.facets[field.name] : {};
  const input = (key, label, hint) =>
    el("input", {
      type: "number",
      step: "any",
      "aria-label": `${field.name} ${label}`,
      placeholder: String(hint),
      value: chosen[key] ?? null,
      oninput: (event) => {
        const now = { ...view.facets[field.name] };
        if (event.target.value === "") delete now[key];
        else now[key] = Number(event.target.value);
        if (Object.keys(now).length) view.facets[field.name] = now;
        else delete view.facets[field.name];
        onChange();
      },
    });
  return el(
    "fieldset",
    {},
    el("legend", {}, field.name),
    el("div", { class: "range" }, input("from", "from", field.least), el("span", { "aria-hidden": "true" }, "–"), input("to", "to", field.most)),
  );
}
