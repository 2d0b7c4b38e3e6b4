// Tells the server how far this user has received and read. Both are cumulative: only the highest number counts.

const readDelay = 500;
const deliveredDelay = 100;

class Mark {
  #wanted = new Map();
  #told = new Map();
  #done = new Map();
  #timer = 0;

  constructor(verb, delay, connection) {
    Object.assign(this, { verb, delay, connection });
  }

  want(conversation, upTo) {
    if (upTo <= (this.#wanted.get(conversation) ?? 0)) return;
    this.#wanted.set(conversation, upTo);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.delay);
  }

  flush() {
    const { wire, canWrite } = this.connection;
    if (!canWrite) return;
    for (const [conversation, upTo] of this.#wanted) {
      if (upTo <= (this.#told.get(conversation) ?? 0)) continue;
      this.#told.set(conversation, upTo);
      wire.request(this.verb, { conversation, upTo })
        .then(() => this.#done.set(conversation, upTo))
        .catch((error) => {
          // Told again at the next connection, or with the next message.
          if (error.isRetryable && this.#told.get(conversation) === upTo) this.#told.delete(conversation);
        });
    }
  }

  /** What the server has not confirmed, as `[conversation, upTo]`. */
  get pending() {
    return [...this.#wanted].filter(([conversation, upTo]) => upTo > (this.#done.get(conversation) ?? 0));
  }

  forget() {
    clearTimeout(this.#timer);
    for (const map of [this.#wanted, this.#told, this.#done]) map.clear();
  }
}

export class Receipts {
  constructor(connection) {
    this.delivered = new Mark("delivered", deliveredDelay, connection);
    this.read = new Mark("read", readDelay, connection);
  }

  resume() {
    this.delivered.flush();
    this.read.flush();
  }

  forget() {
    this.delivered.forget();
    this.read.forget();
  }
}
