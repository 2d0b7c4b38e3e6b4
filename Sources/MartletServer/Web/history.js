// Loads older pages of threads, and the names of conversations that somebody else has begun.

const pageSize = 50;

export class History {
  #loading = new Map();  // conversation -> the wire that is asked

  constructor({ connection, store, onMessages }) {
    Object.assign(this, { connection, store, onMessages });
  }

  isLoading(id) {
    return this.#loading.get(id) !== undefined && this.#loading.get(id) === this.connection.wire;
  }

  /** The newest page, or when that is here the one before the oldest. */
  async load(id) {
    const wire = this.connection.wire;
    const { thread } = this.store.conversation(id);
    if (!wire || this.isLoading(id) || (thread.isLoaded && !thread.hasOlder)) return;
    this.#loading.set(id, wire);
    this.store.changed();
    try {
      const before = thread.isLoaded ? { before: thread.low } : {};
      const page = await wire.request("history", { conversation: id, limit: pageSize, ...before });
      // A start afresh in between has thrown this thread away.
      if (thread !== this.store.conversation(id).thread) return;
      thread.isLoaded = true;
      thread.failure = undefined;
      this.store.addHistory(id, page.messages);
      this.onMessages(page.messages);
    } catch (error) {
      if (wire === this.connection.wire) this.#failed(thread, error);
    } finally {
      if (this.#loading.get(id) === wire) this.#loading.delete(id);
      this.store.changed();
    }
  }

  #failed(thread, error) {
    thread.failure = error;
    if (!error.isRetryable) return;
    setTimeout(() => {
      thread.failure = undefined;
      this.store.changed();
    }, error.retryAfter ?? 3_000);
  }

  /** An event names a conversation by its id alone; the list knows the name. */
  async learnName(id) {
    const key = `name ${id}`;
    const wire = this.connection.wire;
    if (!wire || this.#loading.get(key) === wire) return;
    this.#loading.set(key, wire);
    try {
      const before = BigInt(`0x${id}`) - 1n;
      const after = before >= 0n ? { after: before.toString(16).padStart(16, "0") } : {};
      const page = await wire.request("conversations", { limit: 1, ...after });
      if (page.conversations[0]?.conversation === id) this.store.mergeSummary(page.conversations[0]);
    } catch {
      this.#loading.delete(key);
    }
  }
}
