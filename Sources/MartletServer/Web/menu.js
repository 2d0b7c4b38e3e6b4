// A menu: beside what it belongs to, on a phone at the bottom of the screen.

import { icon, make } from "./dom.js";

let open = null;

/**
 * Shows `items` ({ label, icon, action, isDanger } or null for a line) at an element or a point ({ x, y }). Arrows walk,
 * Escape and a click elsewhere close; the focus goes back to `owner`.
 */
export function showMenu(items, place, { label, owner = document.activeElement, head } = {}) {
  open?.close();
  const menu = make("div", { class: "menu", role: "menu", "aria-label": label, popover: "auto" });
  if (head) menu.append(head);
  for (const item of items) menu.append(item ? entry(item, () => close()) : make("hr", {}));
  document.body.append(menu);

  let hasClosed = false;
  const close = () => {
    if (hasClosed) return;
    hasClosed = true;
    open = null;
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    if (hadFocus) owner?.focus?.({ preventScroll: true });
  };
  open = { close };
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && close());
  menu.addEventListener("keydown", (event) => walk(menu, event));
  if (menu.showPopover) menu.showPopover();
  position(menu, place);
  entries(menu)[0]?.focus({ preventScroll: true });
}

const entries = (menu) => [...menu.querySelectorAll("[role=menuitem]")];

function entry({ label, icon: drawing, action, isDanger }, close) {
  const button = make("button", { type: "button", role: "menuitem", tabindex: "-1", class: isDanger && "danger" },
    icon(drawing, "menu-icon"), make("span", {}, label));
  button.onclick = () => {
    close();
    action();
  };
  return button;
}

function walk(menu, event) {
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") return open?.close();
  if (next === undefined) return;
  event.preventDefault();
  all.at(next % all.length)?.focus();
}

function position(menu, place) {
  if (matchMedia("(max-width: 719.98px)").matches) return;
  const box = place.getBoundingClientRect?.() ?? { left: place.x, right: place.x, top: place.y, bottom: place.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isRTL = getComputedStyle(document.documentElement).direction === "rtl";
  const x = isRTL ? box.right - width : box.left;
  const y = box.bottom + height + 12 > innerHeight ? box.top - height - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}
