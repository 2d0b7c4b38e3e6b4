// What this device knows, in memory: always a whole function of the inbox up to the cursor.

import { Conversation } from "./conversation.js";

export class Store {
  conversations = new Map();
  contacts = new Map();  // user -> { user, name, state, blocked }
  names = new Map();  // user -> name
  settings = {};
  me = null;  // { user, name }
  isLoaded = false;
  #newestActivity = 0;
  #isChangeDue = false;

  /** onChange() comes once for many changes; onNotice(message) for each new entry of a group's log. */
  constructor({ onChange, onNotice }) {
    Object.assign(this, { onChange, onNotice });
  }

  changed() {
    if (this.#isChangeDue) return;
    this.#isChangeDue = true;
    queueMicrotask(() => {
      this.#isChangeDue = false;
      this.onChange();
    });
  }

  /** Forgets what came from the server; names stay true. */
  reset() {
    const known = [...this.conversations.values()];
    this.conversations.clear();
    this.contacts.clear();
    this.isLoaded = false;
    this.#newestActivity = 0;
    for (const { id, name, group } of known) Object.assign(this.conversation(id), { name, group });
    this.changed();
  }

  forget() {
    this.me = null;
    this.reset();
    this.conversations.clear();
    this.names.clear();
    this.settings = {};
  }

  conversation(id) {
    let conversation = this.conversations.get(id);
    if (!conversation) {
      conversation = new Conversation(id);
      if (!conversation.isGroup) conversation.name = this.names.get(id) ?? "";
      this.conversations.set(id, conversation);
    }
    return conversation;
  }

  /** Newest first. Empty ones show only while they are new or open. */
  inOrder() {
    return [...this.conversations.values()]
      .filter((conversation) => conversation.activity > 0)
      .sort((a, b) => b.activity - a.activity);
  }

  get unread() {
    let sum = 0;
    for (const conversation of this.conversations.values()) if (!conversation.isMuted) sum += conversation.unread;
    return sum;
  }

  isMine(message) {
    return message.sender === this.me?.user;
  }

  titleOf({ id, name }) {
    return id === this.me?.user ? `${name || this.me.name} (you)` : name || "…";
  }

  /** Undefined when nobody has told. */
  nameOf(user) {
    return user === this.me?.user ? this.me.name : this.names.get(user);
  }

  learnName(user, name) {
    if (!name || this.names.get(user) === name) return;
    this.names.set(user, name);
    const conversation = this.conversations.get(user);
    if (conversation) conversation.name = name;
  }

  setContact(contact) {
    this.learnName(contact.user, contact.name);
    if (contact.state === "none" && !contact.blocked) this.contacts.delete(contact.user);
    else this.contacts.set(contact.user, contact);
    this.changed();
  }

  contact(user) {
    return this.contacts.get(user) ?? { user, name: this.nameOf(user), state: "none", blocked: false };
  }

  mergeSummary(summary) {
    const conversation = this.conversation(summary.conversation);
    conversation.name = summary.name;
    conversation.mutedUntil = summary.mutedUntil ?? 0;
    if (summary.group) conversation.group = summary.group;
    else this.learnName(conversation.id, summary.name);
    conversation.last = Math.max(conversation.last, summary.last);
    conversation.markRead(summary.read);
    conversation.markPeer(summary.peerDelivered, summary.peerRead);
    if (summary.lastMessage) {
      if (!(conversation.lastMessage?.number > summary.lastMessage.number)) conversation.lastMessage = summary.lastMessage;
      if (this.isMine(conversation.lastMessage)) conversation.markRead(conversation.last);
      this.touch(conversation, summary.lastMessage.sentAt);
    }
    if (summary.messages) this.addHistory(conversation.id, summary.messages, !summary.moreMessages);
    this.changed();
  }

  /** Puts a new event's conversation on top, also when the server's clock stepped back. */
  #rise(conversation, sentAt) {
    this.touch(conversation, Math.max(sentAt, this.#newestActivity + 1));
  }

  touch(conversation, activity) {
    conversation.activity = Math.max(conversation.activity, activity);
    this.#newestActivity = Math.max(this.#newestActivity, conversation.activity);
    this.changed();
  }

  /** Applies one event of the inbox. Twice does no harm. */
  apply(event) {
    if (event.message) this.#applyMessage(event.message);
    if (event.changed) this.#replace(event.changed.message ?? event.changed);
    if (event.delivered) this.conversation(event.delivered.conversation).markPeer(event.delivered.upTo);
    if (event.read) this.#applyRead(event.read);
    if (event.contact) this.setContact(event.contact);
    if (event.conversation) this.conversation(event.conversation.conversation).mutedUntil = event.conversation.mutedUntil ?? 0;
    if (event.settings) this.settings = event.settings;
    this.changed();
  }

  #applyMessage(message) {
    const conversation = this.conversation(message.conversation);
    conversation.thread.add(message);
    if (message.number <= conversation.last) return;
    conversation.last = message.number;
    conversation.lastMessage = message;
    // Who writes has read what came before, here as there; the server sends no event of its own for it.
    if (this.isMine(message)) conversation.markRead(message.number);
    if (conversation.isGroup) conversation.markMember(message.sender, message.number, message.number);
    else if (!this.isMine(message) || conversation.id === this.me.user) conversation.markPeer(message.number, message.number);
    this.#rise(conversation, message.sentAt);
    if (message.notice) this.onNotice(message);
  }

  #applyRead({ conversation: id, upTo, by }) {
    const conversation = this.conversation(id);
    if (by === "own") conversation.markRead(upTo);
    else conversation.markPeer(upTo, upTo);
  }

  #replace(message) {
    this.conversation(message.conversation).replace(message);
  }

  /** What an answered edit or deletion has made of a message; the event will say the same. */
  revise(id, number, change) {
    const message = this.conversation(id).message(number);
    if (message) this.#replace({ ...message, ...change });
    this.changed();
  }

  addHistory(id, messages, isWhole) {
    const { thread } = this.conversation(id);
    for (const message of messages) thread.add(message);
    thread.isLoaded = true;
    thread.isWhole ||= isWhole;
    this.changed();
  }

  markRead(id, upTo) {
    this.conversation(id).markRead(upTo);
    this.changed();
  }

  /** What other members of a group have received and read. */
  applyReceipt({ conversation, user, delivered, read }) {
    this.conversation(conversation).markMember(user, delivered, read);
    this.changed();
  }
}
