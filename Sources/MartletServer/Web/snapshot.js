// What was last known, kept together with the cursor it belongs to: the next visit shows it at once, also without a
// connection, and syncs from there. One record, so that data and cursor can never disagree.

import { database } from "./database.js";

const version = 1;
const settle = 1_500;
const mostThreads = 40;
const mostMessages = 40;

export class Snapshot {
  #timer = 0;

  constructor({ store, inbox, receipts }) {
    Object.assign(this, { store, inbox, receipts });
    document.addEventListener("visibilitychange", () => this.#timer && this.keep());
    window.addEventListener("pagehide", () => this.#timer && this.keep());
  }

  get #key() {
    return `snapshot ${this.store.me.user}`;
  }

  changed() {
    this.#timer ||= setTimeout(() => this.keep(), settle);
  }

  keep() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const { store, inbox, receipts } = this;
    if (!store.me || !inbox.cursor) return;
    const threads = new Set(store.inOrder().slice(0, mostThreads));
    const conversations = [...store.conversations.values()].filter(({ activity }) => activity > 0).map((conversation) => {
      const { id, name, last, read, peerDelivered, peerRead, lastMessage, activity, mutedUntil, group, thread } = conversation;
      const isKept = threads.has(conversation) && thread.isLoaded && thread.high === last;
      return {
        id, name, last, read, peerDelivered, peerRead, lastMessage, activity, mutedUntil, group,
        messages: isKept ? thread.newest(mostMessages) : [],
        isWhole: thread.isWhole && thread.high - thread.low < mostMessages,
      };
    });
    database.put("keep", this.#key, {
      version, cursor: inbox.cursor, settings: store.settings, names: [...store.names], contacts: [...store.contacts.values()],
      pending: { delivered: receipts.delivered.pending, read: receipts.read.pending }, conversations,
    });
  }

  /** True when there was something to show. */
  async restore() {
    const { store, inbox, receipts } = this;
    const { me } = store;
    const kept = await database.get("keep", this.#key);
    // In between the server may have told, or the session may have ended.
    if (kept?.version !== version || store.me !== me || inbox.cursor || store.isLoaded) return false;
    for (const [user, name] of kept.names) store.learnName(user, name);
    for (const contact of kept.contacts) store.setContact(contact);
    store.settings = kept.settings ?? {};
    for (const { messages, isWhole, ...rest } of kept.conversations) {
      Object.assign(store.conversation(rest.id), rest);
      if (messages.length > 0) store.addHistory(rest.id, messages, isWhole);
      store.touch(store.conversation(rest.id), rest.activity);
    }
    for (const [id, upTo] of kept.pending?.delivered ?? []) receipts.delivered.want(id, upTo);
    for (const [id, upTo] of kept.pending?.read ?? []) receipts.read.want(id, upTo);
    store.isLoaded = true;
    inbox.continueFrom(kept.cursor);
    store.changed();
    return true;
  }

  discard() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.store.me) database.remove("keep", this.#key);
  }
}
