// The list of conversations, newest on top.

import { arrange, byID, make, paintAvatar } from "./dom.js";
import { relativeTime } from "./format.js";
import { stateIcon, stateOf, stateOfItem } from "./messagestate.js";

const previewLength = 120;

export class ListView {
  #rows = new Map();

  constructor({ store, outbox, onOpen, onNew, onLogOut }) {
    Object.assign(this, { store, outbox, onOpen });
    byID("new-chat").onclick = byID("empty-new-chat").onclick = onNew;
    byID("log-out").onclick = onLogOut;
    byID("list").onkeydown = (event) => this.#walk(event);
    setInterval(() => this.render(this.openID), 30_000);
  }

  render(openID) {
    this.openID = openID;
    if (!this.store.me) return;
    paintAvatar(byID("me-avatar"), this.store.me.user, this.store.me.name);
    byID("me-name").textContent = this.store.me.name;
    const shown = this.#shown();
    arrange(byID("list"), shown.map((conversation) => this.#row(conversation)));
    for (const id of this.#rows.keys()) if (!this.store.conversations.has(id)) this.#rows.delete(id);
    byID("list-empty").hidden = shown.length > 0 || !this.store.isLoaded;
  }

  /** Nothing of an ended session stays in the page. */
  forget() {
    this.#rows.clear();
    this.openID = null;
    byID("list").replaceChildren();
    byID("me-name").textContent = byID("me-avatar").textContent = "";
  }

  /** The order of the list, with a new, still empty conversation on top while it is open. */
  #shown() {
    const shown = this.store.inOrder();
    const open = this.store.conversations.get(this.openID);
    if (open?.name && !shown.includes(open)) shown.unshift(open);
    return shown;
  }

  /** The neighbour of the open conversation, for the keyboard. */
  neighbour(step) {
    const shown = this.#shown();
    const index = shown.findIndex(({ id }) => id === this.openID);
    return shown[index < 0 ? 0 : index + step]?.id;
  }

  #row(conversation) {
    const { id, name, unread } = conversation;
    let row = this.#rows.get(id);
    if (!row) {
      row = this.#makeRow(id);
      this.#rows.set(id, row);
    }
    const { parts } = row;
    const line = this.#lineOf(conversation);
    const state = line.state ?? "";
    paintAvatar(parts.avatar, id, name || "…");
    parts.name.textContent = name || "…";
    parts.time.textContent = line.at ? relativeTime(line.at) : "";
    parts.text.textContent = line.text;
    if (parts.line.dataset.state !== state) {
      parts.line.dataset.state = state;
      parts.line.replaceChildren(...(state ? [stateIcon(state)] : []), parts.text, parts.pill);
    }
    parts.pill.hidden = unread === 0;
    parts.pill.textContent = unread > 99 ? "99+" : unread;
    parts.pill.setAttribute("aria-label", `${unread} unread`);
    parts.button.classList.toggle("unread", unread > 0);
    parts.button.setAttribute("aria-current", id === this.openID);
    return row;
  }

  #lineOf(conversation) {
    const item = this.outbox.of(conversation.id).at(-1);
    if (item) return { text: preview(item.text), at: item.sentAt ?? item.createdAt * 1_000, state: stateOfItem(item, conversation) };
    const message = conversation.lastMessage;
    if (!message) return { text: "No messages yet" };
    const state = this.store.isMine(message) ? stateOf(message.number, conversation) : undefined;
    return { text: preview(message.text), at: message.sentAt, state };
  }

  #makeRow(id) {
    const parts = {
      avatar: make("span", { class: "avatar", "aria-hidden": "true" }),
      name: make("span", { class: "row-name" }),
      time: make("span", { class: "row-time" }),
      line: make("span", { class: "row-line" }),
      text: make("span", { class: "row-text" }),
      pill: make("span", { class: "pill", role: "img" }),
    };
    parts.line.append(parts.text, parts.pill);
    parts.button = make("button", { type: "button", class: "row", click: () => this.onOpen(id) },
      parts.avatar, parts.name, parts.time, parts.line);
    const row = make("li", {}, parts.button);
    row.parts = parts;
    return row;
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest("li");
    if (!step || !row || event.altKey) return;
    event.preventDefault();
    (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.firstElementChild.focus();
  }
}

const preview = (text) => [...text.slice(0, 2 * previewLength)].slice(0, previewLength).join("").replace(/\s+/g, " ");
