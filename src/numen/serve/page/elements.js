// Elements from values. Text is only ever set as text: nothing of a document is read as HTML.

export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "width") made.style.width = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

export const number = (value) => value.toLocaleString("en");

export const percent = (share) => (share > 0 && share < 0.01 ? "under 1\u00a0%" : `${Math.round(share * 100)}\u00a0%`);

export const score = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;

export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

// The characters of a text as the service counts them: code points, not UTF-16 units.
export const characters = (text) => (/[\ud800-\udfff]/.test(text) ? Array.from(text) : text);

export const joined = (part) => (typeof part === "string" ? part : part.join(""));
