// The same protocol without WebSockets: each request a POST to /v1/call, and news from a parked POST to /v1/poll.
// Looks to the others like a Wire; what only a socket can carry (typing, presence pushes) does not come.

import { answerPatience, lost, WireError } from "./wire.js";

const parkSeconds = 50;

export class PollWire {
  #closed;
  #stop = new AbortController();
  isPolling = true;
  isDead = false;
  onUnauthorized = null;
  hello = { heartbeat: {} };  // there is no `hi` here: the server says no when it is too late
  lastRetryAfter = 0;
  readOnly = null;
  onReadOnly = null;

  constructor(token, address) {
    this.token = token;
    this.address = address;
    this.closed = new Promise((resolve) => (this.#closed = resolve));
  }

  /** With a token: looks whether the server takes it. `session` is then the one the token was kept with. */
  static async open(token, session, address = location.href) {
    const wire = new PollWire(token, address);
    if (!token) return wire;
    try {
      await wire.request("settings", {});
    } catch (error) {
      if (error.code === "unauthorized") wire.refusal = error;
      else if (!["unknown_verb", "read_only"].includes(error.code)) throw error;
    }
    if (!wire.refusal) wire.session = session;
    return wire;
  }

  async request(verb, body) {
    // A watch needs a socket; the look at the present state does not.
    if (verb === "watch") return this.request("presence", { users: body.users });
    if (verb === "ping") return this.request("settings", {});
    const answer = await this.#post("v1/call", { [verb]: body }, answerPatience);
    return answer[verb] ?? {};
  }

  /** Waits for what comes after the cursor: a page of `sync`, empty when the time is up. */
  async poll({ epoch, seq }) {
    const answer = await this.#post("v1/poll", { epoch, seq, timeout: parkSeconds }, (parkSeconds + 15) * 1_000);
    return answer.sync;
  }

  async #post(path, frame, patience) {
    if (this.isDead) throw lost();
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    let answer;
    try {
      const response = await fetch(new URL(path, this.address), {
        method: "POST", headers, body: JSON.stringify(frame), credentials: "omit", cache: "no-store",
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(patience)]),
      });
      answer = await response.json();
    } catch {
      this.#end(1006);
      throw lost();
    }
    if (!answer.error) return answer;
    this.lastRetryAfter = answer.error.retryAfter ?? this.lastRetryAfter;
    if (answer.error.code === "read_only" && !this.readOnly) {
      this.readOnly = { primary: answer.error.primary };
      this.onReadOnly?.();
    }
    if (answer.error.code === "unauthorized" && this.session && !frame.password) this.onUnauthorized?.();
    throw new WireError(answer.error);
  }

  listen() {}

  probe() {
    this.request("ping", {}).catch(() => {});
  }

  drop() {
    this.#end(1006);
  }

  leave() {
    this.#end(1000);
  }

  #end(code) {
    if (this.isDead) return;
    this.isDead = true;
    this.#stop.abort();
    this.#closed(code);
  }
}
