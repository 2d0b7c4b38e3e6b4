// One WebSocket that speaks the chat protocol (docs/protocol/chat.md). It lives once; connection.js makes the next.

export class WireError extends Error {
  constructor({ code, status, message, retryAfter, kept }) {
    super(message ?? code);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.isKept = kept === true;  // the server stores the message as soon as it can, repeated or not
  }
  /** The request may have been carried out, or may succeed when repeated. */
  get isRetryable() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const lost = () => new WireError({ code: "connection_lost", status: 0, message: "connection lost" });
export const answerPatience = 20_000;
const openPatience = 10_000;
const mostOpenRequests = 24;  // the server allows 32

export class Wire {
  #socket;
  #nextID = 0;
  #open = new Map();
  #waiting = [];
  #early = [];
  #onFrame = null;
  #closed;
  onUnauthorized = null;  // set once the wire is logged in: then it means that the token has expired
  hello = {};
  lastRetryAfter = 0;

  /** Connects and says `hi`. Resolves to the wire, with `session` when the token was accepted. */
  static async open(token) {
    const wire = new Wire();
    await wire.#connect();
    const hello = { version: 1, agent: "martlet-web/2" };
    if (token) hello.token = token;
    const answer = await wire.request("hi", hello).catch((error) => wire.#refused(error));
    wire.hello = answer;
    wire.session = answer.session;
    if (answer.error) wire.refusal = new WireError(answer.error);
    return wire;
  }

  /** A refused `hi`; the reason may follow as a close code. */
  async #refused(error) {
    error.closeCode = await Promise.race([this.closed, new Promise((resolve) => setTimeout(resolve, 1_000))]);
    this.leave();
    throw error;
  }

  #connect() {
    const url = new URL("v1/socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = url.search = "";
    this.#socket = new WebSocket(url);
    this.closed = new Promise((resolve) => (this.#closed = resolve));
    const impatience = setTimeout(() => this.drop(), openPatience);
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    return new Promise((resolve, reject) => {
      this.#socket.onopen = () => {
        clearTimeout(impatience);
        resolve();
      };
      this.#socket.onclose = ({ code }) => {
        clearTimeout(impatience);
        reject(lost());
        this.#end(code);
      };
      this.closed.then(() => reject(lost()));
    });
  }

  /** Sends a request; resolves to the answer's object, rejects with a `WireError`. */
  request(verb, body) {
    return new Promise((resolve, reject) => {
      if (this.isDead) return reject(lost());
      this.#waiting.push({ verb, body, resolve, reject });
      this.#pump();
    });
  }

  #pump() {
    while (this.#waiting.length > 0 && this.#open.size < mostOpenRequests) {
      const request = this.#waiting.shift();
      const id = String(++this.#nextID);
      // An answer that never comes means that the connection is not what it seems.
      request.impatience = setTimeout(() => this.drop(), answerPatience);
      this.#open.set(id, request);
      this.#socket.send(JSON.stringify({ id, [request.verb]: request.body }));
    }
  }

  #receive(data) {
    if (this.isDead) return;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return this.drop();
    }
    if (frame.id === undefined && !frame.error) {
      if (this.#onFrame) this.#onFrame(frame);
      else this.#early.push(frame);
      return;
    }
    const request = this.#open.get(frame.id);
    if (!request) return;
    clearTimeout(request.impatience);
    this.#open.delete(frame.id);
    this.lastRetryAfter = frame.error?.retryAfter ?? this.lastRetryAfter;
    if (frame.error?.code === "unauthorized" && request.verb !== "password") this.onUnauthorized?.();
    if (frame.error) request.reject(new WireError(frame.error));
    else request.resolve(frame[request.verb] ?? {});
    this.#pump();
  }

  /** Frames that the server sends unasked. Those that came before there was a listener are handed over first. */
  listen(onFrame) {
    this.#onFrame = onFrame;
    for (const frame of this.#early.splice(0)) onFrame(frame);
  }

  /** Asks whether the other side still lives, and drops the connection when it does not say so soon. */
  probe() {
    const impatience = setTimeout(() => this.drop(), 5_000);
    this.request("ping", {}).catch(() => {}).finally(() => clearTimeout(impatience));
  }

  /** Gives the connection up at once, without waiting for the network to notice. */
  drop() {
    if (this.isDead) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#end(1006);
  }

  leave() {
    this.#socket.close(1000);
  }

  #end(code) {
    if (this.isDead) return;
    this.isDead = true;
    for (const request of [...this.#open.values(), ...this.#waiting]) {
      clearTimeout(request.impatience);
      request.reject(lost());
    }
    this.#open.clear();
    this.#waiting = [];
    this.#closed(code);
  }
}
