// The keys that work everywhere. Those of the list, the thread, the composer and the menus are where these are.

import { byID } from "./dom.js";

/** `act` does what the keys ask for: see main.js. */
export function listenToKeys(act) {
  document.addEventListener("keydown", (event) => {
    if (!act.isReady() || event.isComposing) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const isBusy = document.querySelector("dialog[open], .menu");
    const done = () => event.preventDefault();

    if (isCommand && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      done();
      if (!isBusy) act.search();
    } else if (isCommand && event.key === "/") {
      done();
      if (!isBusy) act.shortcuts();
    } else if (isBusy) {
      return;
    } else if (event.altKey && !isCommand && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      done();
      act.neighbour(event.key === "ArrowDown" ? 1 : -1, { isUnread: event.shiftKey });
    } else if (!act.isInThread()) {
      return;
    } else if (event.key === "Escape") {
      done();
      act.escape();
    } else if (event.key === "PageUp" && event.shiftKey) {
      done();
      act.oldestUnread();
    } else if ((event.key === "PageUp" || event.key === "PageDown") && !isCommand && !event.altKey && !event.shiftKey) {
      done();
      act.page(event.key === "PageUp" ? -1 : 1);
    } else if (isCommand && event.key === "End") {
      done();
      act.latest();
    } else if (isTyping(event) && document.activeElement === document.body && !byID("composer").hidden) {
      act.write();  // a letter typed nowhere belongs to the message
    }
  });
}

const isTyping = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
