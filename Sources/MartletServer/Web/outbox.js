// Messages on their way. Each lies in the browser's database until the server has answered, so that neither a cut nor a
// reload nor a second tab loses or doubles one: it keeps its clientMessageID for life.

import { database } from "./database.js";
import { describe } from "./words.js";

const patienceOfServer = 6 * 86_400_000;  // the server remembers a clientMessageID for 7 days

export class Outbox {
  version = 0;  // grows with each change
  #items = [];
  #busy = new Map();  // conversation -> the item whose answer is awaited
  #user = null;

  /**
   * isInView(conversation, number): the thread has, or will load, this message by itself. onReceipt(receipt) follows each
   * message that the server has stored.
   */
  constructor({ connection, isInView, onChange, onReceipt }) {
    Object.assign(this, { connection, isInView, onChange, onReceipt });
  }

  #changed() {
    this.version += 1;
    this.onChange();
  }

  #key(item) {
    return `${this.#user} ${item.clientMessageID}`;
  }

  #save(item) {
    const { clientMessageID, conversation, name, text, replyTo, createdAt, order, failure, isKept } = item;
    database.put("outbox", this.#key(item), { clientMessageID, conversation, name, text, replyTo, createdAt, order, failure, isKept });
  }

  /** Resolves when what an earlier visit left is here. */
  async load(user) {
    this.#user = user;
    this.#busy.clear();
    await this.#adoptOldItems(user);
    const kept = await database.all("outbox", `${user} `);
    if (user !== this.#user) return;
    const here = new Set(this.#items.map(({ clientMessageID }) => clientMessageID));
    this.#items.push(...kept.filter(({ clientMessageID }) => !here.has(clientMessageID)));
    this.#items.sort((a, b) => a.order - b.order);
    for (const item of this.#items) {
      if (!item.failure && Date.now() - item.createdAt > patienceOfServer) {
        item.failure = "It waited too long: please check whether it has arrived.";
      }
    }
    this.#changed();
  }

  /** Earlier versions kept them in localStorage. */
  async #adoptOldItems(user) {
    const prefix = `martlet.out.${user}.`;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    if (keys.length === 0) return;
    const items = keys.map((key) => JSON.parse(localStorage.getItem(key)));
    const isKept = await database.putAll("outbox", items.map((item) => [`${user} ${item.clientMessageID}`, item]));
    if (isKept) for (const key of keys) localStorage.removeItem(key);
    else this.#items.push(...items);
  }

  /** Of an ended session only what lies in the database is kept. */
  forget() {
    this.#user = null;
    this.#items = [];
    this.#busy.clear();
  }

  /** All that is not yet in the thread, in the order of writing. */
  of(conversation) {
    return this.#items.filter((item) => item.conversation === conversation);
  }

  get all() {
    return [...this.#items];
  }

  /** How many would be lost with this browser's data. */
  get unsent() {
    return this.#items.filter((item) => !item.number && !item.isKept).length;
  }

  add({ id: conversation, name }, text, replyTo) {
    const item = {
      clientMessageID: randomID(), conversation, name, text, replyTo, createdAt: Date.now(),
      order: Math.max(Date.now(), (this.#items.at(-1)?.order ?? 0) + 1),
    };
    this.#items.push(item);
    this.#save(item);
    this.#changed();
    this.flush();
    return item;
  }

  retry(item) {
    item.failure = undefined;
    this.#save(item);
    this.#changed();
    this.flush();
  }

  discard(item) {
    database.remove("outbox", this.#key(item));
    this.#items = this.#items.filter((other) => other !== item);
    this.#changed();
  }

  discardAll() {
    for (const item of [...this.#items]) this.discard(item);
  }

  /** The message has come back as an event or in a page of history: the thread shows it from now on. */
  settle({ clientMessageID }) {
    if (!clientMessageID) return;
    const item = this.#items.find((other) => other.clientMessageID === clientMessageID);
    if (item) this.discard(item);
  }

  /** The server may have been set back: what it acknowledged may be unknown to it now. */
  distrustReceipts() {
    for (const item of this.#items) item.number = item.isKept = undefined;
    this.version += 1;
  }

  /** A new connection: answers of the old one will not come. */
  resume() {
    this.#busy.clear();
    this.flush();
  }

  /** Sends what waits: one message per conversation at a time, so that their order survives a cut. */
  flush() {
    if (!this.connection.wire) return;
    for (const item of this.#items) {
      if (item.number || item.failure || this.#busy.has(item.conversation)) continue;
      if (item.notBefore > Date.now()) {
        this.#busy.set(item.conversation, item);
        setTimeout(() => this.#release(item), item.notBefore - Date.now());
        continue;
      }
      this.#send(item);
    }
  }

  #release(item) {
    if (this.#busy.get(item.conversation) !== item) return;
    this.#busy.delete(item.conversation);
    this.flush();
  }

  async #send(item) {
    const wire = this.connection.wire;
    const { conversation, clientMessageID, text, replyTo } = item;
    this.#busy.set(conversation, item);
    try {
      const receipt = await wire.request("send", { conversation, clientMessageID, text, ...(replyTo && { replyTo }) });
      item.number = receipt.number;
      item.sentAt = receipt.sentAt;
      database.remove("outbox", this.#key(item));
      this.onReceipt(receipt);
      // Normally the event follows and settles it; after a reload it may have come and gone.
      if (this.isInView(conversation, item.number)) this.discard(item);
    } catch (error) {
      if (wire !== this.connection.wire) return;  // a later connection sends it again
      if (error.isRetryable) {
        item.tries = (item.tries ?? 0) + 1;
        item.notBefore = Date.now() + (error.retryAfter ?? Math.min(30_000, 1_000 * 2 ** item.tries));
        if (error.isKept && !item.isKept) {
          item.isKept = true;
          this.#save(item);
        }
      } else {
        item.isKept = undefined;
        item.failure = describe(error, "send");
        this.#save(item);
      }
    }
    this.#changed();
    this.#release(item);
  }
}

/** Browsers offer randomUUID only on secure pages; a server in the home network may have no certificate. */
export function randomID() {
  return crypto.randomUUID?.()
    ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
