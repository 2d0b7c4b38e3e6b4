// Small helpers for the page. Text goes in as text, never as markup.

export const byID = (id) => document.getElementById(id);

/** Makes an element: `make("p", { class: "hint", title: "…" }, "text", child)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

const svgNamespace = "http://www.w3.org/2000/svg";

/** Takes the drawings into the page, so that all of them are there when the server is not. */
export async function loadIcons() {
  try {
    const answer = await fetch("icons.svg");
    if (!answer.ok) throw new Error("no drawings");
    const drawings = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    drawings.setAttribute("hidden", "");
    document.body.prepend(document.importNode(drawings, true));
  } catch {
    setTimeout(loadIcons, 2_000);
  }
}

/** One of the drawings of icons.svg. With a label it speaks to screen readers, without it is silent. */
export function icon(name, className, label) {
  const svg = document.createElementNS(svgNamespace, "svg");
  const use = document.createElementNS(svgNamespace, "use");
  use.setAttribute("href", `#${name}`);
  if (className) svg.setAttribute("class", className);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  svg.append(use);
  return svg;
}

/** Makes `parent` hold exactly `wanted`, in this order, and touches only what differs. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
}

export function showText(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}

/** A letter on a colour that belongs to the id for good. */
export function paintAvatar(element, id, name) {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  const size = element.classList.contains("small") ? " small" : "";
  element.className = `avatar${size} hue-${sum % 12}`;
  element.textContent = ([...name][0] ?? "?").toUpperCase();
}
