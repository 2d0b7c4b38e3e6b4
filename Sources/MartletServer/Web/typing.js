// Who is writing. A notice is sent at most every 3 s, and shown for 5 s or until the message is here.

const sendEvery = 3_000;
const shownFor = 5_000;

export class Typing {
  #writers = new Map();  // conversation -> Map(user -> timer)
  #sentAt = new Map();

  constructor({ connection, store }) {
    Object.assign(this, { connection, store });
  }

  /** This user writes. */
  tick(conversation) {
    const last = this.#sentAt.get(conversation) ?? 0;
    if (Date.now() - last < sendEvery || !this.connection.canWrite) return;
    this.#sentAt.set(conversation, Date.now());
    this.connection.request("typing", { conversation }).catch(() => {});
  }

  heard({ conversation, user }) {
    if (user === this.store.me?.user) return;
    const writers = this.#writers.get(conversation) ?? new Map();
    this.#writers.set(conversation, writers);
    clearTimeout(writers.get(user));
    writers.set(user, setTimeout(() => this.stopped(conversation, user), shownFor));
    this.store.changed();
  }

  stopped(conversation, user) {
    const writers = this.#writers.get(conversation);
    if (!writers?.has(user)) return;
    clearTimeout(writers.get(user));
    writers.delete(user);
    this.store.changed();
  }

  /** The users who write in a conversation; with one's own connection down nobody knows. */
  in(conversation) {
    return this.connection.wire ? [...(this.#writers.get(conversation)?.keys() ?? [])] : [];
  }

  forget() {
    for (const writers of this.#writers.values()) for (const timer of writers.values()) clearTimeout(timer);
    this.#writers.clear();
    this.#sentAt.clear();
  }
}
