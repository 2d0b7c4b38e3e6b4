// The list of conversations, newest on top.

import { arrange, bdi, byID, icon, make, paintAvatar, setText } from "./dom.js";
import { oneLine, relativeTime } from "./format.js";
import { stateIcon, stateOf, stateOfItem } from "./messagestate.js";
import { noticeText, typingText } from "./words.js";

const pageSize = 60;

export class ListView {
  #rows = new Map();
  #visible = new Set();
  #openID = null;
  #most = pageSize;  // rows; more when somebody scrolls
  #observer;

  /** onVisible(ids): the conversations that are on the screen. */
  constructor(app, { onNew, onPeople, onSettings, onVisible }) {
    Object.assign(this, { app, onVisible });
    byID("new-chat").onclick = byID("empty-new-chat").onclick = onNew;
    byID("people").onclick = onPeople;
    byID("settings").onclick = onSettings;
    byID("list").onkeydown = (event) => this.#walk(event);
    byID("list").addEventListener("scroll", () => this.#grow(), { passive: true });
    this.#observer = new IntersectionObserver((changes) => this.#seen(changes), { root: byID("list") });
    setInterval(() => this.render(this.#openID), 30_000);
  }

  render(openID) {
    const { store } = this.app;
    this.#openID = openID;
    if (!store.me) return;
    paintAvatar(byID("me-avatar"), store.me.user, store.me.name);
    setText(byID("me-name"), store.me.name);
    const shown = this.#shown();
    const open = shown.findIndex(({ id }) => id === openID);
    arrange(byID("list"), shown.slice(0, Math.max(this.#most, open + 1)).map((conversation) => this.#row(conversation)));
    for (const [id, row] of this.#rows) if (!row.isConnected) this.#drop(id, row);
    const stop = this.#rows.get(openID) ?? byID("list").querySelector("[tabindex='0']")?.closest("li") ?? byID("list").firstElementChild;
    for (const row of this.#rows.values()) row.parts.button.tabIndex = row === stop ? 0 : -1;
    byID("list-empty").hidden = shown.length > 0 || !store.isLoaded;
    byID("list-wait").hidden = shown.length > 0 || store.isLoaded;
    const requests = [...store.contacts.values()].filter(({ state }) => state === "incoming").length;
    byID("people-count").hidden = requests === 0;
    setText(byID("people-count"), String(requests));
    byID("people").setAttribute("aria-label", requests > 0 ? `People, ${requests} requests` : "People");
  }

  #grow() {
    const { scrollTop, scrollHeight, clientHeight } = byID("list");
    if (scrollHeight - scrollTop - clientHeight > 600 || byID("list").childElementCount < this.#most) return;
    this.#most += pageSize;
    this.render(this.#openID);
  }

  #drop(id, row) {
    this.#observer.unobserve(row);
    this.#rows.delete(id);
    this.#visible.delete(id);
  }

  /** Nothing of an ended session stays in the page. */
  forget() {
    for (const [id, row] of this.#rows) this.#drop(id, row);
    this.#openID = null;
    this.#most = pageSize;
    byID("list").replaceChildren();
    byID("me-name").textContent = byID("me-avatar").textContent = "";
  }

  focus() {
    byID("list").querySelector("[tabindex='0']")?.focus();
  }

  /** The order of the list, with a new, still empty conversation on top while it is open. */
  #shown() {
    const shown = this.app.store.inOrder();
    const open = this.app.store.conversations.get(this.#openID);
    if (open?.name && !shown.includes(open)) shown.unshift(open);
    return shown;
  }

  /** The neighbour of the open conversation, for the keyboard. */
  neighbour(step, { isUnread = false } = {}) {
    const shown = this.#shown();
    const at = shown.findIndex(({ id }) => id === this.#openID);
    if (!isUnread) return shown[at < 0 ? 0 : at + step]?.id;
    for (let index = at < 0 && step < 0 ? shown.length - 1 : at + step; index >= 0 && index < shown.length; index += step) {
      if (shown[index].unread > 0) return shown[index].id;
    }
    return undefined;
  }

  #seen(changes) {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) this.#visible.add(target.parts.id);
      else this.#visible.delete(target.parts.id);
    }
    this.onVisible([...this.#visible]);
  }

  #row(conversation) {
    const { id, unread, isGroup, isMuted } = conversation;
    const { store, presence } = this.app;
    const { parts } = this.#rows.get(id) ?? this.#makeRow(id);
    const isOnline = !isGroup && id !== store.me.user && presence.isOnline(id);
    const line = this.#lineOf(conversation);
    const title = store.titleOf(conversation);
    paintAvatar(parts.avatar, id, conversation.name || "…", { isOnline, isGroup });
    setText(parts.name, title);
    setText(parts.presence, isOnline ? ", online" : "");
    parts.muted.toggleAttribute("hidden", !isMuted);
    setText(parts.time, line.at ? relativeTime(line.at) : "");
    this.#showLine(parts, line);
    parts.pill.hidden = unread === 0;
    parts.pill.classList.toggle("quiet", isMuted);
    setText(parts.pill, unread > 99 ? "99+" : String(unread));
    parts.pill.setAttribute("aria-label", `${unread} unread`);
    parts.button.classList.toggle("unread", unread > 0);
    parts.button.classList.toggle("muted", isMuted);
    parts.button.setAttribute("aria-current", id === this.#openID);
    return this.#rows.get(id);
  }

  #showLine(parts, { lead = "", leadClass = "", text, textClass = "", state = "" }) {
    const looks = `${state}|${leadClass}|${lead}|${textClass}|${text}`;
    if (parts.looks === looks) return;
    parts.looks = looks;
    parts.text.className = `row-text ${textClass}`;
    parts.text.replaceChildren(...(lead ? [make("span", { class: leadClass }, bdi(lead), ": ")] : []), bdi(text));
    parts.line.replaceChildren(...(state ? [stateIcon(state)] : []), parts.text, parts.pill);
  }

  /** What the second line of a row says. */
  #lineOf(conversation) {
    const { store, outbox, drafts, typing } = this.app;
    const { id } = conversation;
    const writers = typing.in(id).map((user) => store.nameOf(user)).filter(Boolean);
    const item = outbox.of(id).at(-1);
    const at = item ? item.sentAt ?? item.createdAt * 1_000 : conversation.preview?.sentAt;
    if (writers.length > 0) return { at, text: conversation.isGroup ? typingText(writers) : "writing…", textClass: "is-typing" };
    const draft = id === this.#openID ? "" : drafts.of(id).text.trim();
    if (draft) return { at, lead: "Draft", leadClass: "draft-mark", text: oneLine(draft) };
    if (item) return { at, text: oneLine(item.text), state: stateOfItem(item, conversation, store.me.user) };
    return { at, ...this.#previewOf(conversation) };
  }

  #previewOf(conversation) {
    const { store, directory } = this.app;
    const message = conversation.preview;
    if (!message) return { text: conversation.lastMessage ? "Message deleted" : "No messages yet", textClass: "fade" };
    const nameOf = (user) => (user === store.me.user ? "You" : directory.speaker(conversation, user) ?? "Someone");
    if (message.notice) return { text: noticeText(message, nameOf, store.me.user), textClass: "fade" };
    const isMine = store.isMine(message);
    const lead = conversation.isGroup && !isMine ? nameOf(message.sender) : "";
    if (message.deleted) return { lead, leadClass: "who", text: "Message deleted", textClass: "fade" };
    const state = isMine && conversation.id !== store.me.user ? stateOf(message.number, conversation, store.me.user) : "";
    return { lead, leadClass: "who", text: oneLine(message.text), state };
  }

  #makeRow(id) {
    const parts = {
      id,
      avatar: make("span", { class: "avatar", "aria-hidden": "true" }),
      name: bdi("", "row-name"),
      presence: make("span", { class: "visually-hidden" }),
      muted: icon("mute", "muted-mark", "Muted"),
      time: make("span", { class: "row-time" }),
      line: make("span", { class: "row-line" }),
      text: make("span", { class: "row-text" }),
      pill: make("span", { class: "pill", role: "img" }),
    };
    const head = make("span", { class: "row-head" }, parts.name, parts.presence, parts.muted);
    parts.button = make("button", { type: "button", class: "row", tabindex: "-1", click: () => this.app.open(id) },
      parts.avatar, head, parts.time, parts.line);
    const row = make("li", {}, parts.button);
    row.parts = parts;
    this.#rows.set(id, row);
    this.#observer.observe(row);
    return row;
  }

  #walk(event) {
    const row = event.target.closest("li");
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = {
      ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling,
      Home: row.parentElement.firstElementChild, End: row.parentElement.lastElementChild,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (!next) return;
    row.parts.button.tabIndex = -1;
    next.parts.button.tabIndex = 0;
    next.parts.button.focus();
  }
}

