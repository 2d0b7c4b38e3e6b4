// What has been written and not sent, for each conversation, with the message it replies to.

import { database } from "./database.js";

const settle = 300;

export class Drafts {
  #drafts = new Map();  // conversation -> { conversation, text, replyTo }
  #due = new Map();
  #user = null;

  constructor(onChange) {
    this.onChange = onChange;
    document.addEventListener("visibilitychange", () => this.#flush());
    window.addEventListener("pagehide", () => this.#flush());
  }

  async load(user) {
    this.#user = user;
    await this.#adoptOldDrafts(user);
    const kept = await database.all("drafts", `${user} `);
    if (user !== this.#user) return;
    for (const draft of kept) if (!this.#drafts.has(draft.conversation)) this.#drafts.set(draft.conversation, draft);
    this.onChange();
  }

  /** Earlier versions kept them in localStorage. */
  async #adoptOldDrafts(user) {
    const prefix = `martlet.draft.${user}.`;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    if (keys.length === 0) return;
    const drafts = keys.map((key) => ({ conversation: key.slice(prefix.length), text: localStorage.getItem(key) }));
    const isKept = await database.putAll("drafts", drafts.map((draft) => [`${user} ${draft.conversation}`, draft]));
    if (isKept) for (const key of keys) localStorage.removeItem(key);
  }

  of(conversation) {
    return this.#drafts.get(conversation) ?? { conversation, text: "" };
  }

  set(conversation, text, replyTo) {
    if (text || replyTo) this.#drafts.set(conversation, { conversation, text, ...(replyTo && { replyTo }) });
    else if (!this.#drafts.delete(conversation)) return;
    clearTimeout(this.#due.get(conversation));
    this.#due.set(conversation, setTimeout(() => this.#keep(conversation), settle));
  }

  #keep(conversation) {
    clearTimeout(this.#due.get(conversation));
    this.#due.delete(conversation);
    const key = `${this.#user} ${conversation}`;
    const draft = this.#drafts.get(conversation);
    if (draft) database.put("drafts", key, draft);
    else database.remove("drafts", key);
  }

  #flush() {
    for (const conversation of [...this.#due.keys()]) this.#keep(conversation);
  }

  /** The session is over, but what was written stays for the next one. */
  forget() {
    this.#flush();
    this.#drafts.clear();
    this.#user = null;
  }

  discardAll() {
    database.removeAll("drafts", `${this.#user} `);
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
    this.#drafts.clear();
  }
}
