// The inbox cursor is the only truth: events are applied in the order of seq, without a gap, by the rules of
// section 6 of the protocol.

const mostPages = 10;  // who is farther behind starts afresh
const shortPoll = 5_000;
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Inbox {
  #cursor = { epoch: 0, seq: 0 };
  #seen = 0;
  #syncing = null;
  #isPlaced = false;  // whether a server has told where this device stands

  /** onApplied(event) follows each event that was new; onReset() a start afresh. */
  constructor({ connection, store, onApplied, onReset }) {
    Object.assign(this, { connection, store, onApplied, onReset });
  }

  /** Null before a server has told. */
  get cursor() {
    return this.#isPlaced && this.store.isLoaded ? { ...this.#cursor } : null;
  }

  /** Goes on from what an earlier visit has kept. */
  continueFrom(cursor) {
    this.#cursor = { ...cursor };
    this.#isPlaced = true;
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
  async resume() {
    this.#syncing = null;
    const wire = this.connection.wire;
    const isDone = await this.sync();
    if (isDone && wire?.isPolling) this.#follow(wire);
    return isDone;
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
        if (wire && wire === this.connection.wire) this.connection.giveUp(wire);
        return false;
      })
      .finally(() => {
        if (this.#syncing === run) this.#syncing = null;
      });
    return (this.#syncing = run);
  }

  async #run(wire) {
    let isBehind = this.#isPlaced;
    if (!this.#isPlaced) await this.#begin(wire);
    for (let pages = 0; isBehind || this.#seen > this.#cursor.seq; pages += 1) {
      const page = await this.#request(wire, "sync", this.#cursor);
      if (page.reset || pages === mostPages) {
        await this.#begin(wire);
        isBehind = false;
        continue;
      }
      const from = this.#cursor.seq;
      this.#take(page);
      if (page.limited && this.#cursor.seq === from) throw new Error("a page of the inbox is empty");
      isBehind = page.limited;
    }
    if (!this.store.isLoaded) await this.#loadConversations(wire);
  }

  #take(page) {
    this.#cursor.epoch = page.epoch;
    for (const event of page.events) if (event.seq === this.#cursor.seq + 1) this.#apply(event);
    if (page.seq > this.#cursor.seq) throw new Error("a page of the inbox has a gap");
  }

  /** One frame with the newest conversations, then the others. Whatever happens meanwhile comes as events too. */
  async #begin(wire) {
    const page = await this.#request(wire, "start", {}).catch((error) => {
      if (error.code !== "unknown_verb") throw error;
      return this.#beginWithSync(wire);
    });
    this.store.reset();
    this.onReset();
    this.#cursor = { epoch: page.epoch, seq: page.seq };
    this.#isPlaced = true;
    if (page.settings) this.store.settings = page.settings;
    for (const summary of page.conversations) this.store.mergeSummary(summary);
    if (page.more) await this.#loadConversations(wire);
    this.store.isLoaded = true;
    this.store.changed();
  }

  /** For servers that do not know `start`. Only the place counts here: what led to it is in the conversations. */
  async #beginWithSync(wire) {
    let page = await this.#request(wire, "sync", { epoch: 0, seq: 0 });
    while (page.limited) page = await this.#request(wire, "sync", page);
    return { epoch: page.epoch, seq: page.seq, conversations: [], more: true };
  }

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

  /** Long polling: each page acknowledges what came before; one that got lost is asked for again. */
  async #follow(wire) {
    while (wire === this.connection.wire && !wire.isDead) {
      const startedAt = Date.now();
      try {
        const page = await wire.poll(this.#cursor);
        if (wire !== this.connection.wire) return;
        if (page.reset) await this.#begin(wire);
        else this.#take(page);
        // Another tab polls for the same device: the two take turns.
        if (page.events.length === 0 && Date.now() - startedAt < shortPoll) await sleep(2_000 + Math.random() * 4_000);
      } catch (error) {
        if (!error.isRetryable) return wire.drop();
        await sleep(error.retryAfter ?? 2_000);
      }
    }
  }

  /** An answer on a wire that has been replaced must not move anything. */
  async #request(wire, verb, body) {
    if (!wire) throw new Error("not connected");
    const { epoch, seq } = body;
    const answer = await wire.request(verb, verb === "sync" ? { epoch, seq } : body);
    if (wire !== this.connection.wire) throw new Error("the connection has changed");
    return answer;
  }
}
