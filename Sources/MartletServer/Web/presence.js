// Who is online. Pulled at the start for the contacts, learnt from the answer to each send, pushed when somebody who is
// watched comes online, pulled for what is on the screen, and pulled when a chat is opened. Going offline is not pushed:
// what is on the screen is looked at again from time to time.

const mostWatched = 64;
const mostConversations = 8;
const settle = 400;
const lookAgain = 60_000;

export class Presence {
  #states = new Map();  // user -> { state, lastSeen }
  #users = [];  // on the screen
  #conversations = [];
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

  /** A chat is opened: how the peer is right now. */
  async pull(users) {
    if (users.length === 0) return;
    try {
      const { presence } = await this.connection.request("presence", { users: users.slice(0, mostWatched) });
      presence.forEach((one) => this.learn(one));
    } catch {
      // As above.
    }
  }

  /** What is on the screen: users in the list, and conversations whose receipts show. */
  show(users, conversations) {
    this.#users = users;
    this.#conversations = conversations.slice(0, mostConversations);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#watch(), settle);
  }

  /** A dialog shows these as well, until it closes. */
  showAlso(users) {
    this.#extra = users;
    this.#watch();
  }

  async #watch(isRepeat = false) {
    const users = [...new Set([...this.#extra, ...this.#users])].slice(0, mostWatched);
    const wanted = JSON.stringify([users, this.#conversations]);
    const { wire } = this.connection;
    if (!wire || (wanted === this.#watched && !isRepeat)) return;
    if (users.length === 0 && this.#conversations.length === 0 && !this.#watched) return;
    this.#watched = wanted;
    const body = { users, ...(this.#conversations.length > 0 && { conversations: this.#conversations }) };
    try {
      const { presence } = await this.connection.request("watch", body);
      presence?.forEach((one) => this.learn(one));
    } catch (error) {
      if (error.isRetryable && this.#watched === wanted) this.#watched = "";
    }
  }

  forget() {
    this.#states.clear();
    this.#users = this.#conversations = this.#extra = [];
    this.#watched = "";
  }
}
