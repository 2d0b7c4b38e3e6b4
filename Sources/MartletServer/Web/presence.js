// Who is online. Pulled at the start for the contacts, learnt from the answer to each send, pushed when somebody who is
// watched comes online, pulled for what is on the screen, and pulled when a chat is opened. Going offline is not pushed:
// what is on the screen is looked at again from time to time.

import { isGroup } from "./conversation.js";

const mostWatched = 64;
const settle = 400;
const lookAgain = 60_000;

export class Presence {
  #states = new Map();  // user -> { state, lastSeen }
  #visible = [];  // conversations in the visible part of the list
  #open = null;  // the conversation that is open
  #extra = [];  // users of a dialog
  #watched = "";
  #timer = 0;

  constructor({ connection, store }) {
    Object.assign(this, { connection, store });
    setInterval(() => {
      if (document.visibilityState === "visible") this.#watch(true);
    }, lookAgain);
  }

  /** `online`, `offline` or `unknown`; with one's own connection down nobody knows. */
  of(user) {
    return (this.connection.wire && this.#states.get(user)) || { state: "unknown" };
  }

  isOnline(user) {
    return this.of(user).state === "online";
  }

  /** At each start: all contacts, then what is on the screen. */
  async start() {
    this.#states.clear();
    this.#watched = "";
    try {
      const { presence } = await this.connection.request("presence", { contacts: true });
      presence.forEach((one) => this.learn(one));
    } catch {
      // Without it nobody has a dot, and that is all.
    }
    this.#watch();
  }

  learn({ user, state, lastSeen }) {
    const before = this.#states.get(user);
    this.#states.set(user, { state, lastSeen: lastSeen ?? before?.lastSeen });
    this.store.changed();
  }

  /** The answer to a send tells how the peer is. */
  learnFromSend(user, peer) {
    if (!peer) return;
    if (peer === "offline" && this.isOnline(user)) this.learn({ user, state: peer, lastSeen: Date.now() * 1_000 });
    else this.learn({ user, state: peer });
  }

  async pull(users) {
    if (users.length === 0) return;
    try {
      const { presence } = await this.connection.request("presence", { users: users.slice(0, mostWatched) });
      presence.forEach((one) => this.learn(one));
    } catch {
      // As above.
    }
  }

  /** These conversations are on the screen. */
  see(ids) {
    this.#visible = ids;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#watch(), settle);
  }

  /** A chat is opened: how the peer is right now, and in a group who reads along. Null: none is. */
  open(conversation) {
    this.#open = conversation?.id ?? null;
    if (conversation && !conversation.isGroup && conversation.id !== this.store.me.user) this.pull([conversation.id]);
    this.see(this.#visible);
  }

  /** A dialog shows these as well, until it closes. */
  showAlso(users) {
    this.#extra = users;
    this.#watch();
  }

  async #watch(isRepeat = false) {
    if (!this.connection.wire || !this.store.me) return;
    const seen = [...(this.#open ? [this.#open] : []), ...this.#visible];
    const users = [...new Set([...this.#extra, ...seen.filter((id) => !isGroup(id) && id !== this.store.me.user)])].slice(0, mostWatched);
    const conversations = this.#open && isGroup(this.#open) ? [this.#open] : [];
    const wanted = JSON.stringify([users, conversations]);
    if (wanted === this.#watched && !isRepeat) return;
    if (users.length + conversations.length === 0 && !this.#watched) return;
    this.#watched = wanted;
    const body = { users, ...(conversations.length > 0 && { conversations }) };
    try {
      const { presence } = await this.connection.request("watch", body);
      presence?.forEach((one) => this.learn(one));
    } catch (error) {
      if (error.isRetryable && this.#watched === wanted) this.#watched = "";
    }
  }

  forget() {
    this.#states.clear();
    this.#visible = this.#extra = [];
    this.#open = null;
    this.#watched = "";
  }
}
