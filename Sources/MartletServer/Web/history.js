// Loads older pages of threads, and single messages that a reply quotes.

const pageSize = 50;
const longPage = 100;
const mostPagesToReach = 40;

export class History {
  #loading = new Map();  // conversation -> the wire that is asked
  #quoted = new Map();  // "conversation number" -> a message, or null while it is asked for or when there is none

  /** onMessages(messages) follows each page. */
  constructor({ connection, store, onMessages }) {
    Object.assign(this, { connection, store, onMessages });
  }

  forget() {
    this.#quoted.clear();
  }

  isLoading(id) {
    return this.#loading.get(id) !== undefined && this.#loading.get(id) === this.connection.wire;
  }

  /** The newest page, or when that is here the one before the oldest. */
  async load(id, limit = pageSize) {
    const wire = this.connection.wire;
    const { thread } = this.store.conversation(id);
    if (!wire || this.isLoading(id) || (thread.isLoaded && !thread.hasOlder)) return;
    this.#loading.set(id, wire);
    this.store.changed();
    try {
      const before = thread.isLoaded ? { before: thread.low } : {};
      const page = await wire.request("history", { conversation: id, limit, ...before });
      // A start afresh in between has thrown this thread away.
      if (thread !== this.store.conversation(id).thread) return;
      thread.failure = undefined;
      this.store.addHistory(id, page.messages, !page.more);
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

  /** Loads until `number` is here; false when it is out of reach. */
  async reach(id, number) {
    for (let pages = 0; pages < mostPagesToReach; pages += 1) {
      const { thread } = this.store.conversation(id);
      if (thread.isLoaded && thread.low <= number) return thread.messages.has(number);
      if (!this.connection.wire || thread.failure || (thread.isLoaded && !thread.hasOlder)) return false;
      if (this.isLoading(id)) await new Promise((resolve) => setTimeout(resolve, 50));
      else await this.load(id, longPage);
    }
    return false;
  }

  /** The message that a reply quotes; undefined until it is known. */
  quoted(id, number) {
    const held = this.store.conversation(id).message(number);
    if (held) return held;
    const key = `${id} ${number}`;
    if (!this.#quoted.has(key)) this.#ask(key, id, number);
    return this.#quoted.get(key) ?? undefined;
  }

  async #ask(key, conversation, number) {
    if (!this.connection.wire) return;
    this.#quoted.set(key, null);
    try {
      const page = await this.connection.request("history", { conversation, before: number + 1, limit: 1 });
      const message = page.messages[0];
      this.#quoted.set(key, message?.number === number ? message : { number, deleted: "all", text: "" });
      this.store.changed();
    } catch (error) {
      if (error.isRetryable) this.#quoted.delete(key);
    }
  }
}
