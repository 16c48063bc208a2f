// Sizes, shares and counts as the reports in text write them.

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

function sized(count) {
  let value = Math.abs(count);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${count} B`;
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${count < 0 ? "-" : ""}${value.toFixed(digits)} ${UNITS[unit]}`;
}

function percent(part, whole) {
  if (!whole || !part) return "";
  return part * 100 < whole ? "< 1 %" : `${Math.floor((part * 100) / whole)} %`;
}

function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

// Everything foreign comes into the page through here: as text, never as markup.
function make(name, attributes, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") element.className = value;
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...content);
  return element;
}

function foreign(text) {
  const element = document.createElement("bdi");
  element.textContent = text;
  return element;
}
