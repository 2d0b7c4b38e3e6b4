// A menu: beside what it belongs to, on a phone at the bottom of the screen.

import { icon, make } from "./dom.js";

let open = null;

/**
 * Shows `items` ({ label, icon, action, isDanger } or null for a line) at an element or a point ({ x, y }). Arrows walk,
 * Escape and a press elsewhere close; the focus goes back to `owner`.
 */
export function showMenu(items, place, { label, owner = document.activeElement, head } = {}) {
  open?.close();
  const menu = make("div", { class: "menu", role: "menu", "aria-label": label, popover: "manual" });
  if (head) menu.append(head);
  for (const item of items) menu.append(item ? entry(item, () => close()) : make("hr", {}));
  // What is outside of an open dialog cannot be clicked.
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  top.append(menu);

  const close = () => {
    open = null;
    document.removeEventListener("pointerdown", pressed, true);
    const hadFocus = menu.contains(document.activeElement);
    menu.remove();
    if (hadFocus) owner?.focus?.({ preventScroll: true });
  };
  // Not a popover that closes by itself: that would take the end of the long touch that opened it for a press elsewhere.
  const pressed = (event) => {
    if (menu.contains(event.target)) return;
    event.preventDefault();
    close();
  };
  open = { close };
  document.addEventListener("pointerdown", pressed, true);
  menu.addEventListener("keydown", (event) => walk(menu, event));
  menu.showPopover?.();
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
  const isEnd = event.key === "Tab" || event.key === "Escape";
  if (next === undefined && !isEnd) return;
  event.preventDefault();
  event.stopPropagation();
  if (isEnd) open?.close();
  else all.at(next % all.length)?.focus();
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
