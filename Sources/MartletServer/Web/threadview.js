// One conversation: bubbles in the order of their numbers, then what is still on its way.

import { arrange, byID, make, paintAvatar, showText } from "./dom.js";
import { dayKey, dayName, fullTime, textAndLinks, timeOfDay } from "./format.js";
import { stateIcon, stateOf, stateOfItem } from "./messagestate.js";
import { describe } from "./words.js";

const nearBottom = 60;
const nearTop = 700;
const mostUnreadLoaded = 400;
const pauseOfRun = 5 * 60 * 1_000_000;

export class ThreadView {
  openID = null;
  #nodes = new Map();  // what an element stands for -> the element
  #isAtBottom = true;
  #isOpening = false;
  #low = 0;
  #freshFrom = Infinity;
  #thread = null;

  constructor({ store, outbox, history, onBack, onRead }) {
    Object.assign(this, { store, outbox, history, onRead });
    this.scroll = byID("scroll");
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    byID("jump").onclick = () => this.jump();
    byID("thread-back").onclick = onBack;
    new ResizeObserver(() => this.#isAtBottom && this.#toBottom()).observe(this.scroll);
    const look = () => this.#readIfSeen();
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
  }

  open(id) {
    this.openID = id;
    this.#nodes.clear();
    this.#thread = null;
    byID("messages").replaceChildren();
    byID("thread").hidden = !id;
    byID("thread-empty").hidden = Boolean(id);
    for (const part of ["thread-name", "thread-avatar", "thread-top", "jump-count"]) byID(part).textContent = "";
    if (!id) return;
    const conversation = this.store.conversation(id);
    this.#freshFrom = conversation.unread > 0 ? conversation.read + 1 : Infinity;
    this.#isAtBottom = true;
    this.#isOpening = true;
    this.#low = 0;
    this.render();
  }

  get #isAttended() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  render() {
    if (!this.openID) return;
    const conversation = this.store.conversation(this.openID);
    const { thread } = conversation;
    if (thread !== this.#thread) this.#low = 0;
    this.#thread = thread;
    paintAvatar(byID("thread-avatar"), conversation.id, conversation.name || "…");
    byID("thread-name").textContent = conversation.name || "…";
    if (!thread.isLoaded && !thread.failure && this.store.isLoaded) this.history.load(this.openID);
    if (!this.#isAttended && conversation.unread > 0 && this.#freshFrom <= conversation.read) this.#freshFrom = conversation.read + 1;

    const fromBottom = this.scroll.scrollHeight - this.scroll.scrollTop;
    const hasGrownUpwards = this.#low > 0 && thread.low < this.#low;
    this.#low = thread.low;
    this.#showTop(conversation);
    arrange(byID("messages"), this.#elements(conversation));
    if (this.#isAtBottom) this.#toBottom();
    else if (hasGrownUpwards) this.scroll.scrollTop = this.scroll.scrollHeight - fromBottom;
    if (this.#isOpening && thread.isLoaded) this.#reachFresh(thread);
    this.#readIfSeen();
    this.#showJump(conversation);
  }

  #showTop({ name, thread }) {
    let text = "";
    if (thread.failure) text = describe(thread.failure, "history");
    else if (!thread.isLoaded || thread.hasOlder) text = this.history.isLoading(this.openID) ? "Loading…" : "";
    else text = thread.high === 0 ? `Say hello to ${name}.` : `The beginning of your conversation with ${name}.`;
    if (byID("thread-top").textContent !== text) byID("thread-top").textContent = text;
  }

  // Elements

  #elements(conversation) {
    const entries = this.#entries(conversation);
    const elements = [];
    let day;
    let isFreshShown = false;
    entries.forEach((entry, index) => {
      const today = dayKey(entry.at);
      if (today !== day) elements.push(this.#separator(`day ${today} ${entry.key}`, "day", dayName(entry.at)));
      day = today;
      if (!isFreshShown && this.#isFresh(entry)) {
        elements.push(this.#separator("fresh", "fresh", "New"));
        isFreshShown = true;
        entry.isAfterLine = true;
      }
      entry.isFirst = entry.isAfterLine || !belongTogether(entries[index - 1], entry);
      const next = entries[index + 1];
      const isLineNext = !isFreshShown && next && this.#isFresh(next);
      entry.isLast = isLineNext || !belongTogether(entry, next);
      elements.push(this.#bubble(entry));
    });
    return elements;
  }

  #isFresh(entry) {
    return !this.#isOpening && !entry.isOwn && entry.number >= this.#freshFrom;
  }

  #entries(conversation) {
    const entries = [];
    for (const message of conversation.thread.inOrder()) {
      const isOwn = this.store.isMine(message);
      entries.push({
        key: message.clientMessageID ?? `#${message.number}`,
        number: message.number, text: message.text, at: message.sentAt, isOwn,
        state: isOwn ? stateOf(message.number, conversation) : "",
      });
    }
    for (const item of this.outbox.of(conversation.id)) {
      entries.push({
        key: item.clientMessageID, text: item.text, at: item.sentAt ?? item.createdAt * 1_000, isOwn: true, item,
        state: stateOfItem(item, conversation),
      });
    }
    return entries;
  }

  #separator(key, className, text) {
    let element = this.#nodes.get(key);
    if (!element) this.#nodes.set(key, (element = make("li", { class: className })));
    if (element.textContent !== text) element.textContent = text;
    return element;
  }

  #bubble(entry) {
    let element = this.#nodes.get(entry.key);
    if (!element) {
      element = make("li");
      const foot = make("span", { class: "foot" });
      element.foot = foot;
      element.append(make("div", { class: "bubble", dir: "auto" }, ...linkedText(entry.text), foot));
      this.#nodes.set(entry.key, element);
    }
    const { state } = entry;
    const classes = ["message", entry.isOwn && "own", entry.isFirst && "first", entry.isLast && "last",
      state === "sending" && "pending", state === "failed" && "failed"].filter(Boolean).join(" ");
    if (element.className !== classes) element.className = classes;
    const foot = `${state} ${entry.at}`;
    if (element.dataset.foot !== foot) {
      element.dataset.foot = foot;
      element.firstChild.dataset.time = timeOfDay(entry.at);
      element.foot.replaceChildren(make("time", { dir: "auto", title: fullTime(entry.at) }, timeOfDay(entry.at)), ...(state ? [stateIcon(state)] : []));
    }
    this.#showTrouble(element, entry);
    return element;
  }

  #showTrouble(element, { state, item }) {
    const trouble = element.querySelector(".trouble");
    if (state !== "failed") return trouble?.remove();
    if (trouble) return;
    element.append(make("p", { class: "trouble" }, item.failure,
      make("button", { type: "button", class: "link", click: () => this.outbox.retry(item) }, "Try again"),
      make("button", { type: "button", class: "link", click: () => this.outbox.discard(item) }, "Delete")));
  }

  // Scrolling and reading

  jump() {
    this.#isAtBottom = true;
    this.#toBottom();
    this.#scrolled();
  }

  #toBottom() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  /** A thread opens at its first unread message, if that is not on the last screen anyway. */
  #reachFresh(thread) {
    const missing = thread.low - this.#freshFrom;
    if (missing > 0 && missing < mostUnreadLoaded && !thread.failure) return this.history.load(this.openID);
    if (missing > 0) this.#freshFrom = Infinity;
    this.#isOpening = false;
    arrange(byID("messages"), this.#elements(this.store.conversation(this.openID)));
    this.#toBottom();
    const line = this.#nodes.get("fresh");
    if (!line?.isConnected) return;
    const place = line.offsetTop - 60;
    if (place >= this.scroll.scrollTop) return;
    this.#isAtBottom = false;
    this.scroll.scrollTop = place;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    this.#isAtBottom = scrollHeight - scrollTop - clientHeight < nearBottom;
    if (!this.openID) return;
    const conversation = this.store.conversation(this.openID);
    if (scrollTop < nearTop && conversation.thread.isLoaded && !conversation.thread.failure) this.history.load(this.openID);
    this.#showJump(conversation);
    this.#readIfSeen();
  }

  #showJump({ unread }) {
    byID("jump").hidden = this.#isAtBottom;
    showText(byID("jump-count"), unread > 0 ? String(Math.min(unread, 99)) : "");
  }

  #readIfSeen() {
    if (!this.openID || this.#isOpening || !this.#isAtBottom || !this.#isAttended || byID("thread-pane").offsetWidth === 0) return;
    const { id, last, unread, thread } = this.store.conversation(this.openID);
    if (unread > 0 && thread.isLoaded && thread.high >= last) this.onRead(id, last);
  }
}

function belongTogether(a, b) {
  return Boolean(a && b) && a.isOwn === b.isOwn && dayKey(a.at) === dayKey(b.at) && Math.abs(b.at - a.at) < pauseOfRun;
}

function linkedText(text) {
  return textAndLinks(text).map((part) =>
    typeof part === "string" ? part : make("a", { href: part.address, target: "_blank", rel: "noopener noreferrer nofollow" }, part.address));
}
