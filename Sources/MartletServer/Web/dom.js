// Small helpers for the page. Text goes in as text, never as markup.

export const byID = (id) => document.getElementById(id);

/** Makes an element: `make("p", { class: "hint", title: "…" }, "text", child)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
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

export const button = (label, click, className = "secondary") => make("button", { type: "button", class: className, click }, label);

/** A name, apart from the direction of what stands around it. */
export const bdi = (text, className) => make("bdi", { class: className }, text);

/** Sets a text only where it differs: screen readers and selections stay undisturbed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const hueOf = (id) => {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return sum % 12;
};

/** The class of a colour that belongs to the id for good. */
export const hueClass = (id) => `hue-${hueOf(id)}`;

/** A letter on a colour that belongs to the id for good. Groups have a second tile behind. */
export function paintAvatar(element, id, name, { isOnline = false, isGroup = false } = {}) {
  const kept = [...element.classList].filter((one) => one === "small" || one === "large");
  element.className = ["avatar", ...kept, hueClass(id), isOnline && "online", isGroup && "group"].filter(Boolean).join(" ");
  setText(element, ([...name.replace(/^#/, "")][0] ?? "?").toUpperCase());
}

export function avatar(id, name, look = {}, size = "small") {
  const element = make("span", { class: `avatar ${size}`, "aria-hidden": "true" });
  paintAvatar(element, id, name, look);
  return element;
}

/** Says something to screen readers. */
export function announce(text) {
  byID("announce").textContent = text;
}

let toastTimer = 0;

/** A short word at the bottom of the page. */
export function toast(text) {
  const element = byID("toast");
  element.textContent = text;
  element.hidden = !text;
  // Above an open dialog too.
  if (element.showPopover) {
    if (element.matches(":popover-open")) element.hidePopover();
    if (text) element.showPopover();
  }
  clearTimeout(toastTimer);
  if (text) toastTimer = setTimeout(() => toast(""), 4_000);
}
