// Keeps a wire to the server: reconnects with growing, random delays, and at once when the world changes.

import { Wire, WireError } from "./wire.js";

const delays = [1, 2, 4, 8, 16, 30];
const steadyAfter = 30_000;
const steadyAfterSync = 3_000;  // a socket that dies younger, even after its first sync, keeps the delays growing
const sleepGap = 80_000;  // hidden tabs tick once a minute; a longer gap means that the computer slept

const between = (low, high) => low + Math.random() * (high - low);

export class Connection {
  #wire = null;
  #token = null;
  #failures = 0;
  #timer = 0;
  #openedAt = 0;
  #steady = 0;
  #life = 0;  // grows with start, adopt and stop, so that a late answer of an earlier life is ignored
  /** `connecting`, `online`, `waiting`, `refused` (needs the person) or `stopped`. */
  state = "stopped";
  retryAt = 0;

  /** onOnline(wire), onEvent(event), onChange(), onLoggedOut() */
  constructor(handlers) {
    this.handlers = handlers;
    window.addEventListener("online", () => this.nudge());
    window.addEventListener("offline", () => this.nudge());
    window.addEventListener("pageshow", () => this.nudge());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.nudge();
    });
    let tick = Date.now();
    setInterval(() => {
      const now = Date.now();
      if (now - tick > sleepGap) this.nudge();
      tick = now;
    }, 1_000);
  }

  get wire() {
    return this.state === "online" ? this.#wire : null;
  }

  start(token) {
    this.#reset(token);
    this.#connect();
  }

  /** Goes on with a wire that has just logged in. */
  adopt(wire, token) {
    this.#reset(token);
    this.#use(wire);
  }

  stop() {
    this.#reset(null);
    this.#become("stopped");
  }

  /** The wire has done its first sync: the next cut starts with the shortest delay, if this wire lives a little. */
  settled(wire) {
    if (wire !== this.wire) return;
    this.#resetDelaysAt(this.#openedAt + steadyAfterSync);
  }

  /** Something hints that the network is back, or gone: try now, or look whether the wire lives. */
  nudge() {
    if (this.state === "waiting") this.retryNow();
    else this.wire?.probe();
  }

  retryNow() {
    if (this.state !== "waiting" && this.state !== "refused") return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** Rejects with the retryable error `connection_lost` while there is no connection. */
  async request(verb, body) {
    if (!this.wire) throw new WireError({ code: "connection_lost", status: 0 });
    return this.wire.request(verb, body);
  }

  #resetDelaysAt(time) {
    clearTimeout(this.#steady);
    this.#steady = setTimeout(() => (this.#failures = 0), Math.max(0, time - Date.now()));
  }

  #reset(token) {
    this.#life += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#steady);
    this.#wire?.leave();
    this.#wire = null;
    this.#token = token;
    this.#failures = 0;
  }

  async #connect() {
    const life = this.#life;
    this.#become("connecting");
    try {
      const wire = await Wire.open(this.#token);
      if (life !== this.#life) return wire.leave();
      if (wire.session) return this.#use(wire);
      wire.leave();
      if (wire.refusal?.code === "unauthorized") return this.#loggedOut();
      this.#wait(3000, wire.refusal?.retryAfter);
    } catch (error) {
      if (life !== this.#life) return;
      // A token the server cannot even read.
      if (error.code === "bad_request" && error.closeCode !== 3501) return this.#loggedOut();
      this.#wait(error.closeCode ?? 3000);
    }
  }

  #use(wire) {
    const life = this.#life;
    this.#wire = wire;
    wire.onUnauthorized = () => {
      if (life === this.#life) this.#loggedOut();
    };
    this.#openedAt = Date.now();
    this.#resetDelaysAt(this.#openedAt + steadyAfter);
    wire.closed.then((code) => {
      if (life === this.#life) this.#wait(code);
    });
    this.#become("online");
    this.handlers.onOnline(wire);
    wire.listen((event) => {
      if (life === this.#life) this.handlers.onEvent(event);
    });
  }

  #wait(code, retryAfter = 0) {
    this.#wire = null;
    clearTimeout(this.#steady);
    if (code === 3502) return this.#loggedOut();
    if (code >= 3500 && code < 4000) {
      this.closeCode = code;
      return this.#become("refused");
    }
    let delay = delays[Math.min(this.#failures, delays.length - 1)] * 1_000 * between(0.5, 1.5);
    if (code === 3001) delay = between(0, 5_000);
    if (code === 3004) delay = between(5_000, 30_000);
    delay = Math.max(Math.min(delay, 30_000), retryAfter);
    this.#failures += 1;
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#become("waiting");
  }

  #loggedOut() {
    this.stop();
    this.handlers.onLoggedOut();
  }

  #become(state) {
    this.state = state;
    this.handlers.onChange();
  }
}
