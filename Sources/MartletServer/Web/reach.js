// How the messages of a thread are reached: by pointer, touch and keys. Each has a menu, which opens by its handle, the
// right button, a long touch, or Enter on the message.

import { icon, make } from "./dom.js";

const longTouch = 480;
const messageAt = (event) => event.target.closest?.(".message");

export class Reach {
  #current = null;  // the message that the Tab key reaches

  /** onMenu(entry, place, owner) */
  constructor(list, onMenu) {
    Object.assign(this, { list, onMenu });
    this.#listenToPointer();
    this.#listenToTouch();
    list.addEventListener("focusin", (event) => this.#rove(messageAt(event)));
    list.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #listenToPointer() {
    const { list } = this;
    const handle = make("button", { type: "button", class: "handle", tabindex: "-1", "aria-label": "Message menu", "aria-haspopup": "menu", title: "Menu" }, icon("more"));
    handle.onclick = () => this.onMenu(messageAt({ target: handle }).entry, handle, messageAt({ target: handle }));
    list.addEventListener("pointerover", (event) => {
      const message = event.pointerType === "mouse" && messageAt(event);
      if (message && handle.parentElement !== message) message.append(handle);
    });
    list.addEventListener("contextmenu", (event) => {
      const message = messageAt(event);
      if (!message || event.target.closest("a") || String(getSelection())) return;
      event.preventDefault();
      if (document.querySelector(".menu")) return;  // the long touch was first
      const isByKey = event.detail === 0 && event.clientX === 0;
      this.onMenu(message.entry, isByKey ? message.firstChild : { x: event.clientX, y: event.clientY }, message);
    });
  }

  #listenToTouch() {
    const { list } = this;
    let press = 0;
    let isLong = false;
    list.addEventListener("touchstart", (event) => {
      const message = messageAt(event);
      clearTimeout(press);
      isLong = false;
      if (!message || event.target.closest("a, button")) return;
      press = setTimeout(() => {
        isLong = true;
        this.onMenu(message.entry, message, message);
      }, longTouch);
    }, { passive: true });
    for (const end of ["touchmove", "touchcancel"]) list.addEventListener(end, () => clearTimeout(press), { passive: true });
    list.addEventListener("touchend", (event) => {
      clearTimeout(press);
      if (isLong) event.preventDefault();  // no click on what has come up under the finger
    });
  }

  /** After each change of the list: one message can always be reached. */
  settle() {
    if (!this.#current?.isConnected) this.#rove([...this.list.querySelectorAll(".message")].at(-1));
  }

  #rove(message) {
    if (!message) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = message;
    message.tabIndex = 0;
  }

  #pressed(event) {
    if (!event.target.classList.contains("message") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      return this.onMenu(event.target.entry, event.target.firstChild, event.target);
    }
    const all = [...this.list.querySelectorAll(".message")];
    const at = all.indexOf(event.target);
    const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
  }
}
