// One conversation: bubbles in the order of their numbers, then what is still on its way.

import { Bubbles } from "./bubble.js";
import { arrange, byID, setText, showText, toast } from "./dom.js";
import { dayKey, dayName, oneLine } from "./format.js";
import { readersOf, stateOf, stateOfItem } from "./messagestate.js";
import { Reach } from "./reach.js";
import { Scroller } from "./scroller.js";
import { describe, noticeText, typingText } from "./words.js";

const manyMessages = 600;
const fewMessages = 150;
const nearTop = 700;
const mostUnreadLoaded = 400;
const pauseOfRun = 5 * 60 * 1_000_000;

export class ThreadView {
  openID = null;
  #isOpening = false;
  #freshFrom = Infinity;
  #shown = "";
  #thread = null;

  /** onRead(id, upTo): seen to the end; onMenu(entry, place, owner): the menu of a message is asked for. */
  constructor(app, { onRead, onMenu }) {
    Object.assign(this, { app, onRead });
    this.list = byID("messages");
    this.bubbles = new Bubbles({
      onQuote: (number) => this.goTo(number),
      onRetry: (item) => app.outbox.retry(item),
      onDiscard: (item) => app.outbox.discard(item),
    });
    this.scroller = new Scroller(byID("scroll"), this.list, () => this.#scrolled());
    this.reach = new Reach(this.list, onMenu);
    byID("jump").onclick = () => this.jump();
    byID("thread-back").onclick = () => app.open(null);
    const look = () => this.#readIfSeen();
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
  }

  open(id) {
    if (this.openID) this.app.store.conversation(this.openID).thread.trim(fewMessages);
    this.openID = id;
    this.#shown = "";
    this.bubbles.clear();
    this.list.replaceChildren();
    byID("thread").hidden = !id;
    byID("thread-empty").hidden = Boolean(id);
    for (const part of ["thread-top", "jump-count", "writers-text"]) byID(part).textContent = "";
    if (!id) return;
    const conversation = this.app.store.conversation(id);
    this.list.classList.toggle("in-group", conversation.isGroup);
    this.#freshFrom = conversation.unread > 0 ? conversation.last - conversation.unread + 1 : Infinity;
    this.scroller.isAtBottom = true;
    this.#isOpening = true;
    this.render();
  }

  get #isAttended() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  render() {
    if (!this.openID) return;
    const { store, history, directory } = this.app;
    const conversation = store.conversation(this.openID);
    const { thread } = conversation;
    if (!thread.isLoaded && !thread.failure && store.isLoaded) history.load(this.openID);
    directory.needMembers(conversation);
    if (!this.#isAttended && conversation.unread > 0 && this.#freshFrom <= conversation.read) this.#freshFrom = conversation.read + 1;
    this.scroller.keep(() => {
      this.#showTop(conversation);
      this.#showMessages(conversation);
      this.#showWriters(conversation);
    });
    this.reach.settle();
    if (this.#isOpening && thread.isLoaded) this.#reachFresh(conversation);
    this.#readIfSeen();
    this.#showJump(conversation);
  }

  #showTop(conversation) {
    const { thread, isGroup } = conversation;
    const title = this.app.store.titleOf(conversation);
    let text = "";
    if (thread.failure) text = describe(thread.failure, "history");
    else if (!thread.isLoaded || thread.hasOlder) text = this.app.history.isLoading(this.openID) ? "Loading…" : "";
    else if (isGroup && thread.low > 1) text = "You see this group from the moment you joined.";
    else if (isGroup) text = `The beginning of ${title}.`;
    else text = thread.high === 0 ? `Say hello to ${title}.` : `The beginning of your conversation with ${title}.`;
    setText(byID("thread-top"), text);
  }

  #showWriters(conversation) {
    const { typing, store, directory } = this.app;
    const names = typing.in(conversation.id).map((user) => store.nameOf(user) ?? directory.speaker(conversation, user) ?? "Someone");
    byID("writers").hidden = names.length === 0;
    setText(byID("writers-text"), typingText(names));
  }

  // Elements

  /** Much happens that does not change what is shown: then nothing is done. */
  #showMessages(conversation) {
    const { outbox, history, store } = this.app;
    const { id, thread, version } = conversation;
    const state = [id, thread.version, version, thread.low, outbox.version, history.version, store.namesVersion,
      this.#isOpening, this.#freshFrom, dayKey(Date.now() * 1_000)].join();
    if (state === this.#shown && thread === this.#thread) return;
    this.#shown = state;
    this.#thread = thread;
    arrange(this.list, this.#elements(conversation));
  }

  #elements(conversation) {
    const entries = this.#entries(conversation);
    const elements = [];
    let day;
    let isFreshShown = false;
    entries.forEach((entry, index) => {
      const today = dayKey(entry.at);
      if (today !== day) elements.push(this.bubbles.separator(`day ${today} ${entry.key}`, "day", dayName(entry.at)));
      day = today;
      const isAfterLine = !isFreshShown && this.#isFresh(entry);
      if (isAfterLine) elements.push(this.bubbles.separator("fresh", "fresh", "New"));
      isFreshShown ||= isAfterLine;
      if (entry.notice) return elements.push(this.bubbles.separator(entry.key, "notice", entry.notice));
      entry.isFirst = isAfterLine || !belongTogether(entries[index - 1], entry);
      const next = entries[index + 1];
      const isLineNext = !isFreshShown && next && this.#isFresh(next);
      entry.isLast = isLineNext || !belongTogether(entry, next);
      elements.push(this.bubbles.message(entry));
    });
    return elements;
  }

  #isFresh(entry) {
    return !this.#isOpening && !entry.isOwn && entry.number >= this.#freshFrom;
  }

  #entries(conversation) {
    const { store, outbox } = this.app;
    const entries = [];
    for (const message of conversation.thread.inOrder()) {
      if (message.deleted !== "me") entries.push(this.#entryOf(message, conversation));
    }
    for (const item of outbox.of(conversation.id)) {
      entries.push({
        key: item.clientMessageID, text: item.text, at: item.sentAt ?? item.createdAt * 1_000, isOwn: true, item,
        user: store.me.user, quote: this.#quoteOf(item.replyTo, conversation), state: stateOfItem(item, conversation, store.me.user),
      });
    }
    return entries;
  }

  #entryOf(message, conversation) {
    const me = this.app.store.me.user;
    const { number, text, sentAt: at, sender: user, revision } = message;
    const isOwn = user === me;
    const key = message.clientMessageID ?? `#${number}`;
    if (message.notice) return { key, number, at, isOwn, notice: noticeText(message, (one) => this.#nameOf(conversation, one), me) };
    const isGone = message.deleted === "all";
    return {
      key, number, text, at, isOwn, user, revision, isGone, message,
      isEdited: Boolean(message.editedAt) && !isGone,
      sender: conversation.isGroup && !isOwn ? { user, name: this.#nameOf(conversation, user) } : undefined,
      peerName: conversation.name,
      quote: isGone ? undefined : this.#quoteOf(message.replyTo, conversation),
      state: isOwn && conversation.id !== me ? stateOf(number, conversation, me) : "",
      readers: isOwn && conversation.isGroup ? readersOf(number, conversation, me)?.names.length : undefined,
    };
  }

  #nameOf(conversation, user) {
    if (user === this.app.store.me.user) return "You";
    return this.app.directory.speaker(conversation, user) ?? "…";
  }

  #quoteOf(number, conversation) {
    if (!number) return undefined;
    const quoted = this.app.history.quoted(conversation.id, number);
    if (!quoted) return { number, name: "…", text: "…" };
    const name = quoted.sender ? (conversation.isGroup || this.app.store.isMine(quoted) ? this.#nameOf(conversation, quoted.sender) : conversation.name) : "Reply";
    return { number, name, text: quoted.deleted ? "Message deleted" : oneLine(quoted.text, 160) };
  }

  /** The newest message of one's own that may be edited, for the Up key. */
  get lastOwn() {
    const entries = [...this.list.querySelectorAll(".message.own")].map(({ entry }) => entry);
    return entries.findLast(({ number, isGone }) => number && !isGone);
  }

  // Scrolling and reading

  jump() {
    const { thread } = this.app.store.conversation(this.openID);
    if (thread.high - thread.low > manyMessages) {
      // What has been read far above is let go.
      thread.trim(fewMessages);
      this.scroller.isAtBottom = true;
      this.render();
    }
    this.scroller.toBottom();
    this.#scrolled();
  }

  /** A message is called: loaded if need be, shown in the middle, and lit for a moment. */
  async goTo(number) {
    const id = this.openID;
    if (!(await this.app.history.reach(id, number)) || id !== this.openID) return toast("This message is out of reach.");
    this.render();
    const element = [...this.list.querySelectorAll(".message")].find(({ entry }) => entry.number === number);
    if (!element) return toast("This message has been deleted.");
    this.scroller.toMiddleOf(element);
    element.focus({ preventScroll: true });
    element.classList.add("called");
    setTimeout(() => element.classList.remove("called"), 1_600);
  }

  /** To the first message that was unread when the thread was opened. */
  goToFresh() {
    const line = this.bubbles.get("fresh");
    if (line?.isConnected) this.scroller.toTopOf(line);
  }

  /** A thread opens at its first unread message, if that is not on the last screen anyway. */
  #reachFresh(conversation) {
    const { thread } = conversation;
    const missing = thread.low - this.#freshFrom;
    if (missing > 0 && missing < mostUnreadLoaded && thread.hasOlder && !thread.failure && this.app.connection.wire) {
      return this.app.history.load(this.openID);
    }
    if (missing > 0 && thread.hasOlder) this.#freshFrom = Infinity;
    this.#isOpening = false;
    this.#showMessages(conversation);
    this.scroller.toBottom();
    this.goToFresh();
  }

  #scrolled() {
    if (!this.openID) return;
    const conversation = this.app.store.conversation(this.openID);
    const { thread } = conversation;
    if (this.scroller.element.scrollTop < nearTop && thread.isLoaded && !thread.failure) this.app.history.load(this.openID);
    this.#showJump(conversation);
    this.#readIfSeen();
  }

  #showJump({ unread }) {
    byID("jump").hidden = this.scroller.isAtBottom;
    showText(byID("jump-count"), unread > 99 ? "99+" : unread > 0 ? String(unread) : "");
    byID("jump").setAttribute("aria-label", unread > 0 ? `Jump to the latest message, ${unread} unread` : "Jump to the latest message");
  }

  #readIfSeen() {
    if (!this.openID || this.#isOpening || !this.scroller.isAtBottom || !this.#isAttended || byID("thread-pane").offsetWidth === 0) return;
    const { id, last, unread, thread } = this.app.store.conversation(this.openID);
    if (unread > 0 && thread.isLoaded && thread.high >= last) this.onRead(id, last);
  }
}

function belongTogether(a, b) {
  return Boolean(a && b) && !a.notice && !b.notice && a.user === b.user && dayKey(a.at) === dayKey(b.at) && Math.abs(b.at - a.at) < pauseOfRun;
}
