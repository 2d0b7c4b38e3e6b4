// The inbox cursor is the only truth: events are applied in the order of seq, without a gap, by the rules of
// section 6 of the protocol.

export class Inbox {
  #cursor = { epoch: 0, seq: 0 };
  #seen = 0;
  #syncing = null;
  #isPlaced = false;  // whether a server has told where this device stands

  /** onApplied(event) follows each event that was new; onReset() a start afresh. */
  constructor({ connection, store, onApplied, onReset }) {
    Object.assign(this, { connection, store, onApplied, onReset });
  }

  get cursor() {
    return { ...this.#cursor };
  }

  forget() {
    this.#cursor = { epoch: 0, seq: 0 };
    this.#seen = 0;
    this.#isPlaced = false;
    this.#syncing = null;
  }

  /** A live event. */
  receive(event) {
    if (this.#isPlaced && event.seq === this.#cursor.seq + 1) return this.#apply(event);
    if (this.#isPlaced && event.seq <= this.#cursor.seq) return;
    this.#seen = Math.max(this.#seen, event.seq);
    if (this.#isPlaced) this.sync();
  }

  #apply(event) {
    this.#cursor.seq = event.seq;
    this.store.apply(event);
    this.onApplied(event);
  }

  /** After each (re)connect; true when all that happened has been applied. */
  resume() {
    this.#syncing = null;
    return this.sync();
  }

  /** A new socket starts to see anew. To be called before its first event. */
  reconnected() {
    this.#seen = 0;
  }

  /** Never fails: a sync that cannot be finished gives up the connection, and the next one resumes. */
  sync() {
    if (this.#syncing) return this.#syncing;
    const wire = this.connection.wire;
    const run = this.#run(wire)
      .then(() => true)
      .catch(() => {
        if (wire === this.connection.wire) wire?.drop();
        return false;
      })
      .finally(() => {
        if (this.#syncing === run) this.#syncing = null;
      });
    return (this.#syncing = run);
  }

  async #run(wire) {
    let page;
    do {
      const from = this.#cursor.seq;
      page = await this.#request(wire, "sync", this.#cursor);
      // A first answer may continue from nothing, or name a place without the way to it.
      const isUnreachable = !this.#isPlaced && page.seq > from && page.events[0]?.seq !== from + 1;
      if (page.reset || isUnreachable) this.#startAfresh(page);
      this.#cursor.epoch = page.epoch;
      this.#isPlaced = true;
      for (const event of page.events) if (event.seq === this.#cursor.seq + 1) this.#apply(event);
      if (page.seq > this.#cursor.seq) throw new Error("a page of the inbox has a gap");
      if (page.limited && !isUnreachable && this.#cursor.seq === from) throw new Error("a page of the inbox is empty");
      if (!this.store.isLoaded) await this.#loadConversations(wire);
    } while (page.limited || this.#seen > this.#cursor.seq);
  }

  #startAfresh({ epoch, seq }) {
    this.store.reset();
    this.#cursor = { epoch, seq };
    this.onReset();
  }

  /** After the cursor is known: whatever happens meanwhile comes as events too. */
  async #loadConversations(wire) {
    let page;
    let after;
    do {
      page = await this.#request(wire, "conversations", { limit: 100, ...(after && { after }) });
      for (const summary of page.conversations) this.store.mergeSummary(summary);
      after = page.conversations.at(-1)?.conversation;
    } while (page.more && after);
    this.store.isLoaded = true;
    this.store.changed();
  }

  /** An answer on a wire that has been replaced must not move anything. */
  async #request(wire, verb, body) {
    if (!wire) throw new Error("not connected");
    const answer = await wire.request(verb, body);
    if (wire !== this.connection.wire) throw new Error("the connection has changed");
    return answer;
  }
}
