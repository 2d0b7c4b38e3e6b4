// The elements of a thread: one for each message, notice and separator, kept as long as what it stands for.

import { avatar, bdi, hueClass, make, setText } from "./dom.js";
import { fullTime, isEmoji, textAndLinks, timeOfDay } from "./format.js";
import { stateIcon } from "./messagestate.js";

export class Bubbles {
  #nodes = new Map();  // what an element stands for -> the element

  /** onQuote(number): a quote was clicked; onRetry(item), onDiscard(item): what to do with a message that failed. */
  constructor(handlers) {
    this.handlers = handlers;
  }

  clear() {
    this.#nodes.clear();
  }

  get(key) {
    return this.#nodes.get(key);
  }

  separator(key, className, text) {
    let element = this.#nodes.get(key);
    if (!element) this.#nodes.set(key, (element = make("li", { class: className })));
    setText(element, text);
    return element;
  }

  message(entry) {
    let element = this.#nodes.get(entry.key);
    if (!element) {
      element = make("li", { tabindex: "-1" }, make("div", { class: "bubble" }));
      this.#nodes.set(entry.key, element);
    }
    element.entry = entry;
    const { state } = entry;
    const classes = ["message", entry.isOwn && "own", entry.isFirst && "first", entry.isLast && "last", entry.isGone && "gone",
      !entry.isGone && isEmoji(entry.text) && "emoji", ["sending", "kept"].includes(state) && "pending", state === "failed" && "failed",
      element.classList.contains("called") && "called"].filter(Boolean).join(" ");
    if (element.className !== classes) element.className = classes;
    this.#fill(element, entry);
    this.#showFoot(element, entry);
    this.#showSpeaker(element, entry);
    this.#showTrouble(element, entry);
    return element;
  }

  #fill(element, entry) {
    const { text, isGone, quote, revision, isOwn } = entry;
    const sender = entry.isFirst ? entry.sender : undefined;
    const content = `${revision}|${isGone}|${text.length}|${sender?.name}|${entry.isFirst}|${quote?.number}|${quote?.name}|${quote?.text}`;
    if (element.content === content) return;
    element.content = content;
    const foot = make("span", { class: "foot" });
    const parts = [];
    if (sender) parts.push(bdi(sender.name, `sender ${hueClass(sender.user)}`));
    else if (entry.isFirst) parts.push(make("span", { class: "visually-hidden" }, isOwn ? "You: " : bdi(entry.peerName), isOwn ? "" : ": "));
    if (quote) parts.push(this.#quote(quote));
    const body = make("div", { class: "body", dir: "auto" });
    body.append(...(isGone ? ["Message deleted"] : linkedText(text)), foot);
    element.firstChild.replaceChildren(...parts, body);
    element.parts = { body, foot };
    element.foot = undefined;
  }

  #quote({ number, name, text }) {
    return make("button", { type: "button", class: "quote", tabindex: "-1", "aria-label": `In reply to ${name}: ${text}`, click: () => this.handlers.onQuote(number) },
      make("b", {}, bdi(name)), make("span", { dir: "auto" }, text));
  }

  #showFoot(element, { state, at, isEdited, isGone, readers }) {
    const { body, foot } = element.parts;
    const looks = `${state}|${at}|${isEdited}|${readers}`;
    if (element.foot === looks) return;
    element.foot = looks;
    const time = timeOfDay(at);
    body.dataset.foot = isEdited ? `edited ${time}` : time;
    foot.replaceChildren(...(isEdited ? [make("span", {}, "edited")] : []),
      make("time", { dir: "auto", title: fullTime(at) }, time), ...(state && !isGone ? [stateIcon(state)] : []));
  }

  /** In a group the speaker's tile stands beside the last bubble of a run. */
  #showSpeaker(element, { sender, isLast }) {
    const held = element.querySelector(":scope > .speaker");
    if (!sender || !isLast) return held?.remove();
    if (held && held.dataset.name === sender.name) return;
    held?.remove();
    const tile = avatar(sender.user, sender.name);
    tile.classList.add("speaker");
    tile.dataset.name = sender.name;
    element.append(tile);
  }

  #showTrouble(element, { state, item }) {
    const trouble = element.querySelector(":scope > .trouble");
    if (trouble?.dataset.state === state) return;
    trouble?.remove();
    const parts = {
      kept: () => ["Kept by the server. It is stored as soon as that is possible."],
      failed: () => [item.failure,
        make("button", { type: "button", class: "link", click: () => this.handlers.onRetry(item) }, "Try again"),
        make("button", { type: "button", class: "link", click: () => this.handlers.onDiscard(item) }, "Delete")],
    }[state];
    if (parts) element.append(make("p", { class: "trouble", "data-state": state }, ...parts()));
  }
}

function linkedText(text) {
  return textAndLinks(text).map((part) =>
    typeof part === "string" ? part : make("a", { href: part.address, target: "_blank", rel: "noopener noreferrer nofollow" }, part.address));
}
